"""What a process remembers about keys, for tests that change what is personal."""

from bazaar.redaction import fast_path, grammar, keys, objects
from bazaar.redaction.words import own_words

REMEMBERED = (fast_path._said, fast_path._quiet, keys._facts, objects._objects)


def forget():
    """Forget what was known with other settings, as a process that starts does."""
    for remembered in REMEMBERED:
        remembered.clear()
    for cached in (own_words, grammar._telling_words, keys._facts_of_words):
        cached.cache_clear()

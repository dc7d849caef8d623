"""The words by which a key of the metadata is told to be personal: data only, `bazaar.redaction.keys` has the rules.

Words are in lower case, without accents, as `words.words` yields them. A changed list is another rule, so that what was
examined with the old one is examined again (`bazaar.redaction.rule`).
"""


def word_set(words: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(words.split())

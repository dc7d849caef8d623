"""Tell at a glance that a document is clean, from its text: most are, and parsing one costs more than reading it.

Only a yes is an answer. Whatever is unusual (an escape, a letter beyond ASCII, something like the beginning of an
address, a key that tells anything about a person) is for `bazaar.metadata.clean` to decide.
"""

import re
from functools import lru_cache

from bazaar.metadata.keys import CHANGE, FIELD, OWN_ID, VERSION, facts_of

_UNUSUAL = re.compile(
    r"""
    [^\x20-\x7e\n\r\t] | \\               # an escape may be any letter, and what looks like another one may be it
    | @ | %40                             # an e-mail address
    | \d \.\d{1,3}\. \d{1,3} \.\d         # four numbers
    | :[0-9A-Fa-f]{0,4}:                  # two colons of an IPv6 address
    """,
    re.VERBOSE,
)
# Without escapes quotes come in pairs, so that each match is one text, and the one behind a key its value.
_TEXTS = re.compile(r'"([^"]*+)"(?:(\s*:)(?:\s*"([^"]*+)")?)?')
_NAMES_FIELD = 2


def is_clean(document: str) -> bool:
    """Return whether a document, as JSON text, certainly holds nothing personal; `False` says nothing."""
    if _UNUSUAL.search(document):
        return False
    for key, is_key, value in _TEXTS.findall(document):
        if is_key and (said := _said_by(key)) and not (said == _NAMES_FIELD and value and not facts_of(value)):
            return False
    return True


@lru_cache(maxsize=8192)
def _said_by(key: str) -> int:
    """Return 0 for a key that says nothing of a person, `_NAMES_FIELD` if its value might, and 1 for all others.

    What names a change is nothing without a personal field, and an own id nothing without a key for a person.
    """
    facts = facts_of(key) & ~(CHANGE | VERSION | OWN_ID)
    return _NAMES_FIELD if facts == FIELD else int(bool(facts))

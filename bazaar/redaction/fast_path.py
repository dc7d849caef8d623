"""Tell at once that a document is clean, from its text: most are, and parsing one costs more than reading it.

Only a yes is an answer. Whatever is unusual (an escape, a letter beyond ASCII, something like the beginning of an
address or of a number that can be somebody's, a key that tells anything about a person) is for `clean` to decide.
"""

import re
from functools import lru_cache

from bazaar.redaction import keys as k
from bazaar.redaction.values import may_hold_value

_DOTS = 3
_FOUR_NUMBERS = re.compile(r"\d\.\d{1,3}\.\d{1,3}\.\d")
_TWO_COLONS = re.compile(r":[0-9A-Fa-f]{0,4}:")
_SAYS_SOMETHING = 1
_NAMES_FIELD = 2
_NAMES_KIND = 3
_SAYS_NOTHING = (
    k.CHANGE
    | k.VERSION
    | k.OWN_PART
    | k.ABOUT_PAIR
    | k.THING
    | k.ROWS
    | k.FLAT
    | k.NAMES_ALL
    | k.WRAPPER
    | k.TABLE
    | k.OF_THING
)
_FIELD = k.FIELD | k.FIELD_ALONE
_KIND = k.KIND | k.KIND_OF
_SOMEBODY = k.PERSONAL | k.PERSON | k.PEOPLE | k.ADDRESS | k.NAME


def is_clean(document: str) -> bool:
    """Return whether a document, as JSON text, certainly holds nothing personal; `False` says nothing."""
    if _is_unusual(document):
        return False
    # Without escapes quotes come in pairs: every second piece is a text, and a colon stands behind a key.
    pieces = document.split('"')
    texts, last = pieces[1::2], ""
    for at, behind in enumerate(pieces[2::2]):
        if behind[:1] == ":":
            said = _said_by(texts[at])
            if said and (said == _SAYS_SOMETHING or not _is_harmless(said, behind, texts[at + 1 : at + 2])):
                return False
        elif last != ": " and _names_somebody(texts[at]):  # in a list, or in a layout that is rare
            return False
        last = behind
    return True


def _is_unusual(document: str) -> bool:
    """Return whether there is an escape, which may be any letter, a letter beyond ASCII, or the like of an address."""
    return (
        not (document.isascii() and document.isprintable())
        or "\\" in document
        or "@" in document
        or "=" in document
        or "%" in document
        or "&" in document
        or (document.count(".") >= _DOTS and _FOUR_NUMBERS.search(document) is not None)
        or _TWO_COLONS.search(document) is not None
        or document.count(": ") != document.count('": ')
        or "ser '" in document
        or may_hold_value(document)
    )


def _is_harmless(said: int, behind: str, following: list[str]) -> bool:
    """Return whether the value of a key names nothing of a person, given what stands behind the key."""
    if behind == ": ":
        [value] = following
        return value != "" and not k.named_by(value) & _SOMEBODY
    value = behind.lstrip(": ")
    if value:
        return said == _NAMES_KIND or value[0] not in "[{"
    return following != [""] and not any(map(_names_somebody, following))


def _names_somebody(value: str) -> bool:
    """Return whether a value, as the name of a datum, would be personal."""
    return bool(k.named_by(value) & _SOMEBODY)


@lru_cache(maxsize=8192)
def _said_by(key: str) -> int:
    """Return 0 for a key that says nothing of a person, `_NAMES_FIELD` if its value might, and 1 for all others.

    What names a change is nothing without a personal field, and a part of a person nothing without a key for a person.
    """
    facts = k.facts_of(key) & ~_SAYS_NOTHING
    if not facts & ~(_FIELD | _KIND):
        return _NAMES_FIELD if facts & _FIELD else _NAMES_KIND * bool(facts)
    return _SAYS_SOMETHING

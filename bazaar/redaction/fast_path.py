"""Tell at once that a document is clean, from its text: most are, and parsing one costs more than reading it.

Only a yes is an answer. Whatever is unusual (an escape, a letter beyond ASCII, something like the beginning of an
address or of a number that can be somebody's, a key that tells anything about a person) is for `clean` to decide.
"""

import re

from bazaar.redaction import facts as f, keys as k
from bazaar.redaction.lexicon.data import ATTRIBUTES
from bazaar.redaction.lexicon.structures import WHERE
from bazaar.redaction.paths import may_hold_person
from bazaar.redaction.sql import may_be_insert
from bazaar.redaction.typed_ids import may_hold_typed_id
from bazaar.redaction.value_signs import COARSE, may_be_number
from bazaar.redaction.words import words

_DOTS = 3
_FOUR_NUMBERS = re.compile(r"\d\.\d{1,3}\.\d{1,3}\.\d")
_TWO_COLONS = re.compile(r":[0-9A-Fa-f]{0,4}:")
_PRINTED = re.compile(r"[{(\[]\w{1,41}:")  # an object as programs print it
_UNCOMMON = ord("!")
_COMMON = bytes(code for code in range(32, 127) if chr(code) not in "\\@=%&+~<*")
"""What may stand in a document that is clean: no escape, nothing of an address or a query string."""
_SHAPE = bytes(COARSE[code] if code in _COMMON else _UNCOMMON for code in range(256))

_SAYS_SOMETHING = 1
_NAMES_FIELD = 2
_NAMES_KIND = 3
_SAYS_NOTHING = (
    f.CHANGE
    | f.VERSION
    | f.OWN_PART
    | f.ABOUT_PAIR
    | f.THING
    | f.ROWS
    | f.FLAT
    | f.NAMES_ALL
    | f.WRAPPER
    | f.TABLE
    | f.OF_THING
    | f.OWN_ID
    | f.IN_PLACE
    | f.GENERIC
    | f.TEXT_ONLY
    | f.MESSAGE
    | f.LIST_OF_NAMES
    | f.CONTACT
    | f.HAPPENING
    | f.DONE_BY
)
_FIELD = f.FIELD | f.FIELD_ALONE | f.MAY_NAME
_KIND = f.KIND | f.KIND_OF | f.EVENT

_said: dict[str, int] = {}
_quiet: dict[str, int] = {}
"""Keys that say nothing: they are left out before anything else is asked."""


def is_clean(document: str) -> bool:
    """Return whether a document, as JSON text, certainly holds nothing personal; `False` says nothing."""
    if not document.isascii() or _UNCOMMON in document.encode().translate(_SHAPE):
        return False  # there is an escape, which may be any letter, a letter beyond ASCII, or the like of an address
    if "[" in document and ('", {' in document or '",{' in document):  # a text and an object in one list
        return False
    # Without escapes quotes come in pairs: every second piece is a text, and a colon stands behind a key. What the key
    # says of the text behind it is asked with the key.
    pieces = document.split('"')
    if len(pieces) % 2 == 0:  # it is no JSON
        return False
    quiet = _quiet
    asked: list[int] = []
    said: list[str] = []
    in_turns = iter(pieces)
    at = -1
    for before, text in zip(in_turns, in_turns, strict=False):
        at += 2
        if text in quiet:
            continue
        if before != ": ":
            asked.append(at)
        elif not (text.isalnum() and text.islower()):
            said.append(text)
    return (not asked or _are_harmless(asked, pieces, said)) and not (said and _is_unusual('"' + '"'.join(said) + '"'))


def _are_harmless(asked: list[int], pieces: list[str], said: list[str]) -> bool:
    """Return whether certain texts tell nothing about a person: keys with their values, and items of lists.

    What items say is added to `said`.
    """
    names: list[str] = []
    for at in asked:
        text, behind = pieces[at], pieces[at + 1]
        if behind[:1] != ":":
            names.append(text)
            if not (text.isalnum() and text.islower()):
                said.append(text)
            continue
        says = _said.get(text) or _said_by(text)
        if says == _SAYS_SOMETHING:
            return False
        if not says:
            continue
        following = pieces[at + 2] if at + 2 < len(pieces) else ""
        if behind == ": ":
            if not following or following in ATTRIBUTES:
                return False
            names.append(following)
        elif not _is_harmless(says, behind, following):
            return False
    return not names or not k.any_means_somebody(names)


def _is_unusual(texts: str) -> bool:
    """Return whether there is the like of an address, a number or a name in what is said, each text in quotes.

    A text of small letters and digits says nothing, and is none of them.
    """
    shape = texts.encode().translate(_SHAPE)
    return (
        (":" in texts and _has_colons(texts))
        or (shape.find(b"0.0") >= 0 and texts.count(".") >= _DOTS and _FOUR_NUMBERS.search(texts) is not None)
        or (" " in texts and _has_sign(texts))
        or may_be_number(texts, shape)
        or may_hold_person(texts)
        or may_hold_typed_id(texts)
    )


def _has_sign(texts: str) -> bool:
    """Return whether there are words before which, or behind which, somebody or a secret stands."""
    signs = "asic " in texts or "earer " in texts or "ser '" in texts or "by user " in texts
    return signs or may_be_insert(texts)


def _has_colons(texts: str) -> bool:
    """Return whether there are colons as in addresses and headers."""
    return (
        ": " in texts
        or "geo:" in texts
        or "by:" in texts
        or _TWO_COLONS.search(texts) is not None
        or _PRINTED.search(texts) is not None
    )


def _is_harmless(said: int, behind: str, following: str) -> bool:
    """Return whether the value of a key, which may be no text, names nothing of a person."""
    value = behind.lstrip(": ")
    if value:
        return said == _NAMES_KIND or value[0] not in "[{"
    return following not in ATTRIBUTES and following != "" and not k.any_means_somebody([following])


def _said_by(key: str) -> int:
    """Return 0 for a key that says nothing of a person, `_NAMES_FIELD` if its value might, and 1 for all others.

    What names a change is nothing without a personal field, and a part of a person nothing without a key for a person.
    """
    facts = k.facts_of(key) & ~_SAYS_NOTHING
    said = _SAYS_SOMETHING
    if key == "sub" or not WHERE.isdisjoint(words(key)):
        return said  # of a token, or beside a town
    if not facts & ~(_FIELD | _KIND):
        said = _NAMES_FIELD if facts & _FIELD else _NAMES_KIND * bool(facts)
    if k.may_be_remembered(key):
        k.remember(_said if said else _quiet, key, said, k.KEYS_REMEMBERED)
    return said

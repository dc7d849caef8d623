"""Objects whose keys are persons: `{"members": {"42": {...}}}`, `{"votes_by_user": {"ann": 1}}`."""

import re

from bazaar.redaction import facts as f, keys as k
from bazaar.redaction.documents import Json
from bazaar.redaction.lexicon.structures import NO_IDS
from bazaar.redaction.words import words

_MARK = re.compile(r"\[removed(?:-\d+)?\]")
_ID = re.compile(r"[\w.:|@+-]*[\d@][\w.:|@+-]*")
_SAYS_SOMETHING = ~f.WRAPPER & ~f.THING
_SMALL = 100_000
_NONE: frozenset[str] = frozenset()


def person_keys(source: dict[str, Json], inherited: int) -> frozenset[str]:
    """Return the keys of an object that are persons: their ids, logins or names.

    All are where the key above says so (`by user`). Below a key for several persons those with a digit are, and all of
    them where each has an object of its own and none is a word for something else.
    """
    keys = [key for key in source if not _MARK.fullmatch(key)]
    if inherited & f.BY_PERSON:
        return frozenset(keys) if not any(map(_is_word, keys)) else _ids(keys)
    if any(map(_is_word, keys)) or not all(map(_is_record, source.values())):
        return _ids(keys)
    return frozenset(keys)


def _ids(keys: list[str]) -> frozenset[str]:
    return frozenset(key for key in keys if _ID.fullmatch(key))


def _is_record(value: Json) -> bool:
    """Tell whether a value is what there is about a person: an object, or a number too large for a count."""
    return isinstance(value, dict) or (isinstance(value, (int, float)) and value > _SMALL)


def _is_word(key: str) -> bool:
    """Tell whether a key says something, and is nobody's id."""
    return bool(k.facts_of(key) & _SAYS_SOMETHING & ~f.ADDRESS) or not NO_IDS.isdisjoint(words(key))

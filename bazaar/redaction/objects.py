"""What the keys of an object tell together. In logs the same objects come again and again: they are remembered."""

import re
from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import NamedTuple

from bazaar.redaction import facts as f
from bazaar.redaction.documents import Json
from bazaar.redaction.keys import facts_of, may_be_remembered, names_datum, remember
from bazaar.redaction.lexicon.structures import BEFORE_AND_AFTER, KINDS_OF_CONTACTS, WHERE
from bazaar.redaction.words import words

OBJECTS_REMEMBERED = 4096
_MOST_KEYS = 40  # of an object that is remembered
_TELLING_ALONE = f.EVENT | f.FIELD | f.NAMES_ALL | f.KIND | f.KIND_OF
_CLAIMS = frozenset({"iss", "aud", "exp", "iat", "email", "preferred_username"})  # of a JSON web token


_MOST_KEYS_OF_CHANGE = 16
_KIND = re.compile(r"[A-Za-z_-]{1,20}")


class ObjectKeys(NamedTuple):
    """What the keys of an object tell."""

    each: tuple[int, ...]
    """The facts about each key."""
    together: int
    """All facts."""
    inherited: tuple[int, ...]
    """What stands under each key inherits."""
    asked: tuple[tuple[str, int], ...]
    """The keys whose values may tell something about the others, with their facts."""
    may_tell: bool
    """Whether one can tell anything about another at all."""
    says_where: bool
    """Whether a town among them is where somebody is: a part of an address or coordinates stand beside it."""
    names: tuple[str, ...]
    """The keys."""
    asks_values: bool
    """Whether more than the names that the values are tells something."""
    claims: bool
    """Whether `sub` is the subject of a token."""
    has_value: bool
    """Whether a value stands beside a name."""


_objects: dict[tuple[str, ...], ObjectKeys] = {}


def keys_of(source: dict[str, Json]) -> ObjectKeys:
    """Return what the keys of an object tell."""
    keys = tuple(source)
    found = _objects.get(keys)
    if found is None:
        found = _look_at(keys)
        if len(keys) <= _MOST_KEYS and all(map(may_be_remembered, keys)):
            remember(_objects, keys, found, OBJECTS_REMEMBERED)
    return found


def _look_at(keys: tuple[str, ...]) -> ObjectKeys:
    each = tuple(map(facts_of, keys))
    together = reduce(or_, each, 0)
    asking = _TELLING_ALONE | f.FIELD_ALONE if together & f.CHANGE else _TELLING_ALONE
    asked = [(key, facts & ~f.MAY_NAME) for key, facts in zip(keys, each, strict=True) if facts & asking]
    if together & f.CHANGE and len(keys) <= _MOST_KEYS_OF_CHANGE and sum(map(_is_before_or_after, keys)) > 1:
        asked += [
            (key, f.MAY_NAME)
            for key, facts in zip(keys, each, strict=True)
            if facts & f.MAY_NAME and not facts & (asking | f.CHANGE | f.SOMEBODY)
        ]
    is_telling = bool(
        asked
        or together & f.COLUMNS
        or (together & f.NAME and together & (f.VERSION | f.OF_THING))
        or (together & f.NAME and together & f.CONTACT and together & f.OWN_ID)
        or (together & f.OF_PERSON and together & (f.OWN_ID | f.IN_PLACE))
    )
    claims = "sub" in keys and not _CLAIMS.isdisjoint(keys)
    return ObjectKeys(
        each=each,
        together=together,
        inherited=tuple(facts & f.INHERITED for facts in each),
        asked=tuple(asked),
        may_tell=(len(keys) > 1 and is_telling) or claims,
        says_where=bool(together & f.IN_PLACE) and _says_where(keys, each),
        names=keys,
        asks_values=bool(
            together & f.COLUMNS or (together & f.NAME and together & (f.VERSION | f.CONTACT)) or len(keys) > _MOST_KEYS
        ),
        claims=claims,
        has_value=bool(together & f.NAME) and any(map(_is_value, keys, each)),
    )


def _is_before_or_after(key: str) -> bool:
    return not BEFORE_AND_AFTER.isdisjoint(words(key))


def _says_where(keys: Sequence[str], each: Sequence[int]) -> bool:
    parts = [key for key, facts in zip(keys, each, strict=True) if facts & (f.PERSONAL | f.IN_PLACE)]
    where = [key for key in parts if not WHERE.isdisjoint(words(key))]
    return bool(where) and any(facts & f.IN_PLACE for key, facts in zip(keys, each, strict=True) if [key] != where)


def _is_value(key: str, facts: int) -> bool:
    return bool(facts & f.CHANGE) and not facts & f.PERSONAL and "value" in key.casefold()


def about_datum(value: Json) -> Json:
    """Return what an object, or each of several, says about a personal datum without holding it; `None` for nothing."""
    if isinstance(value, dict):
        return {key: item for key, item in value.items() if _only_says_something(key, item)} or None
    if isinstance(value, list):
        return [left for left in map(about_datum, value) if left] or None
    return None


def _only_says_something(key: str, value: Json) -> bool:
    parts = words(key)
    if not parts or facts_of(key) & f.SOMEBODY:
        return False
    if isinstance(value, bool):
        return parts[-1] in {"primary", "verified", "valid", "preferred"}
    if isinstance(value, (int, float)):
        return parts[-1] in {"at", "ms", "timestamp"}
    return isinstance(value, str) and _is_kind(parts[-1], value)


def _is_kind(word: str, value: str) -> bool:
    if word == "label":
        return value.casefold() in KINDS_OF_CONTACTS or names_datum(value)
    return word in {"type", "kind"} and _KIND.fullmatch(value) is not None

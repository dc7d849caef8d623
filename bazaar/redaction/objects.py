"""What the keys of an object tell together. In logs the same objects come again and again: they are remembered."""

from functools import reduce
from operator import or_
from typing import NamedTuple

from bazaar.redaction import facts as f
from bazaar.redaction.documents import Json
from bazaar.redaction.keys import facts_of, may_be_remembered, remember

OBJECTS_REMEMBERED = 4096
_MOST_KEYS = 40  # of an object that is remembered
_TELLING = f.FIELD | f.FIELD_ALONE | f.COLUMNS | f.KIND | f.KIND_OF
_TELLING_ALONE = f.FIELD | f.NAMES_ALL | f.KIND | f.KIND_OF


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
    is_telling = bool(
        together & _TELLING
        or (together & f.NAME and together & (f.VERSION | f.OF_THING))
        or (together & f.OF_PERSON and together & (f.OWN_ID | f.IN_PLACE))
    )
    return ObjectKeys(
        each=each,
        together=together,
        inherited=tuple(facts & f.INHERITED for facts in each),
        asked=tuple((key, facts) for key, facts in zip(keys, each, strict=True) if facts & asking),
        may_tell=len(keys) > 1 and is_telling,
        has_value=bool(together & f.NAME) and any(map(_is_value, keys, each)),
    )


def _is_value(key: str, facts: int) -> bool:
    return bool(facts & f.CHANGE) and not facts & f.PERSONAL and "value" in key.casefold()

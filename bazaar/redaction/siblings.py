"""What the keys and values of an object tell about one another."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from bazaar.redaction import facts as f, keys as k
from bazaar.redaction.addresses import REMOVED
from bazaar.redaction.documents import Json
from bazaar.redaction.lexicon.persons import IDS
from bazaar.redaction.naming import happened_to_person, may_name_field, named_by_value, named_kind
from bazaar.redaction.objects import OBJECTS_REMEMBERED, ObjectKeys
from bazaar.redaction.shapes import columns_of
from bazaar.redaction.words import words

_OF_KIND = f.PERSON | f.THING
_VERSION = re.compile(r"v?\d{1,5}\.\d")
_SMALL = 100_000
"""Numbers below are counts and places; a telephone number is larger."""

_OF_ITSELF = "resourceType"  # in the documents of hospitals (FHIR): what the object itself is
_NO_THING = {"event", "action", "activity", "operation", "log", "alert", "message", "request", "webhook"}
"""Before `type` these tell what happened, and not what the thing is."""
_HAPPENS = {"action", "operation", "event", "verb"}
_FULL_NAME = re.compile(r"[^\W\d_][^\d_/@]{0,30} [^\d_/@]{1,60}")
_GENERIC = frozenset({"object", "item", "resource", "entity", "record", "target", "content", "subject", "model"})
_LABELS = frozenset({"label", "name", "title", "details", "display", "email", "slug", "reference", "path", "repr"})
_STAYS = f.ABOUT_PAIR | f.FIELD | f.FIELD_ALONE | f.ADDRESS | f.THING


class Siblings(NamedTuple):
    """What the keys and values of an object tell about one another."""

    others_go: bool = False  # a datum is named: all others go, but those that only say something about it
    values_go: bool = False  # a datum is named: values go
    versions: int = 0  # `VERSION` where a version is named
    inherited: int = 0  # `PERSON` or `THING`: what the object says that it is
    columns: frozenset[int] = frozenset()  # places of personal columns
    is_person: bool = False  # it has what only a person has: its ids are the person's
    has_value: bool = False  # beside a name stands a value
    references: frozenset[str] = frozenset()  # keys of ids of persons: `item_id` beside `{"item_type": "User"}`
    has_kind: bool = False  # it says of what kind it is, which is no person
    below: int = 0  # `PERSON` where a person is what something happened to
    is_thing: bool = False  # its kind or its version, which a person has not, tells

    def takes(self, key: str, facts: int, value: Json) -> bool:
        """Tell whether a value goes because of its siblings."""
        if (self.is_person and facts & (f.OWN_ID | f.IN_PLACE)) or (self.references and key in self.references):
            return not isinstance(value, (dict, list, bool)) and value not in (None, REMOVED)
        if not (self.others_go or self.values_go) or value in (None, "") or isinstance(value, bool):
            return False
        if facts & f.CHANGE:
            return True
        return self.others_go and not facts & _STAYS and not _is_something_else(value)


NOTHING = Siblings()
_PLAIN = frozenset({str, int, type(None)})
_remembered: dict[tuple[object, ...], Siblings] = {}
"""By keys and values that are words of the lexicon: no process keeps what may be personal."""


def about_siblings(source: dict[str, Json], keys: ObjectKeys) -> Siblings:
    """Return what the keys and values of an object tell about one another."""
    if keys.asks_values:
        return _about(source, keys)
    values = tuple([value if type(value := source[key]) is str else None for key, _ in keys.asked])
    asked = (keys.names, values)
    found = _remembered.get(asked)
    if found is None:
        found = _about(source, keys)
        if all(
            type(source[key]) in _PLAIN and (value is None or k.is_remembered(value))
            for (key, _), value in zip(keys.asked, values, strict=True)
        ):
            k.remember(_remembered, asked, found, OBJECTS_REMEMBERED)
    return found


class _Told:
    """What the keys tell, one after the other."""

    def __init__(self, source: dict[str, Json], keys: ObjectKeys) -> None:
        self.source = source
        self.keys = keys
        self.others = self.values = self.has_kind = False
        self.versions = self.inherited = self.below = 0
        self.references: set[str] = {"sub"} if keys.claims else set()

    def ask(self, key: str, facts: int) -> None:
        """Take down what the value of a key tells."""
        value = self.source[key]
        if isinstance(value, int) or (isinstance(value, dict) and not facts & f.FIELD):
            return
        if facts & f.EVENT and happened_to_person(value):
            self.below = f.PERSON
        if facts & f.MAY_NAME and not may_name_field(value):
            return
        named = named_kind(value) if facts & (f.KIND | f.KIND_OF) else named_by_value(value)
        if not named:
            self.has_kind |= bool(facts & f.KIND) and isinstance(value, str) and value != ""
            return
        self.versions |= named & f.VERSION if not facts & f.PERSONAL else 0
        if not (facts & f.COLUMNS and self.keys.together & f.ROWS and isinstance(value, list)):
            self._take_down(key, facts, named)

    def _take_down(self, key: str, facts: int, named: int) -> None:
        is_person = bool(named & f.PERSON)
        if facts & f.FIELD:
            self.others |= bool(named & f.SOMEBODY)
        elif facts & f.KIND and named & _OF_KIND:
            self.inherited |= named & _OF_KIND
            self.references |= _references(f"{key} type", self.source) if is_person else set()
        elif facts & f.KIND_OF and not facts & f.FIELD_ALONE:
            self.references |= _references(key, self.source) if is_person else set()
            self.inherited |= f.PERSON * (is_person and key == _OF_ITSELF)
        else:
            is_personal, names_all = bool(named & f.PERSONAL), bool(facts & f.NAMES_ALL)
            self.others |= is_personal and names_all
            self.values |= is_personal or (bool(named & f.SOMEBODY) and names_all)


def _about(source: dict[str, Json], keys: ObjectKeys) -> Siblings:
    told = _Told(source, keys)
    for key, facts in keys.asked:
        told.ask(key, facts)
    together = keys.together
    is_software = _is_software(source, keys)
    is_thing = (bool(told.inherited & f.THING) and not told.inherited & f.PERSON) or is_software
    told.inherited |= f.THING * (is_software or bool(together & f.NAME and together & f.OF_THING))
    if told.inherited & f.PERSON and together & (f.PERSON | f.DONE_BY) and not _HAPPENS.isdisjoint(source):
        told.inherited &= ~f.PERSON  # of an event about a person: the ids beside are its own
        told.references = {key for key in told.references if len(words(key)) > 1}
    found = Siblings(
        others_go=told.others,
        values_go=told.values,
        versions=told.versions,
        inherited=told.inherited,
        columns=columns_of(source, keys.each) if together & f.COLUMNS and together & f.ROWS else frozenset(),
        is_person=_is_person(source, keys) and not is_thing,
        has_value=keys.has_value,
        references=frozenset(told.references),
        below=told.below,
        has_kind=told.has_kind and not told.inherited,
        is_thing=is_thing,
    )
    return NOTHING if found == NOTHING else found


def _is_person(source: dict[str, Json], keys: ObjectKeys) -> bool:
    """Tell whether there is what only a person has: a first name, or a full name and an address."""
    together = keys.together
    if together & f.OF_PERSON and together & (f.OWN_ID | f.IN_PLACE):
        return True
    return bool(together & f.NAME and together & f.CONTACT and together & f.OWN_ID) and _has_name(source, keys.each)


def _is_software(source: dict[str, Json], keys: ObjectKeys) -> bool:
    is_named = keys.together & f.NAME and keys.together & f.VERSION and not keys.claims and "ver" not in source
    return bool(is_named) and any(map(_is_version, source.values(), keys.each))


def _is_version(value: Json, facts: int) -> bool:
    """Tell whether a value is the version of software, which a person has none of."""
    return bool(facts & f.VERSION) and isinstance(value, str) and _VERSION.match(value) is not None


def _has_name(source: dict[str, Json], facts: Sequence[int]) -> bool:
    """Tell whether a name among the values can be a person's: it has letters alone, and a space between them."""
    named = (value for value, about in zip(source.values(), facts, strict=True) if about & f.NAME)
    return any(isinstance(value, str) and _FULL_NAME.fullmatch(value) for value in named)


def _references(key: str, source: dict[str, Json]) -> set[str]:
    """Return the keys of the ids that belong to the type under `key`."""
    whose = [*words(key)]
    while whose and whose[-1] in {"type", "kind", "table", "model", "code", "name"}:
        whose.pop()
    if not _NO_THING.isdisjoint(whose):
        return set()
    owners = [whose]
    if _GENERIC.issuperset(whose):
        others = {word for word in _GENERIC if not {f"{word}_type", f"{word}Type"} & set(source)}
        owners += [[word] for word in others]
    named = [(other, _without_value(words(other))) for other in source]
    return {
        other
        for other, parts in named
        if len(parts) > 0 and parts[-1] in (IDS | _LABELS if len(parts) > 1 else IDS) and [*parts[:-1]] in owners
    }


def _without_value(parts: Sequence[str]) -> Sequence[str]:
    return parts[:-1] if len(parts) > 2 and parts[-1] == "value" else parts  # noqa: PLR2004 - `object id value`


def _is_something_else(value: Json) -> bool:
    """Tell whether a value can hardly be the datum that is named beside it: an object, several, or a small number."""
    if isinstance(value, list):
        return any(isinstance(item, dict) for item in value)
    return isinstance(value, dict) or (isinstance(value, (int, float)) and abs(value) < _SMALL)

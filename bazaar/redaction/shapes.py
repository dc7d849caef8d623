"""What the shape of a container tells: pairs, changes, tables, and lists in which names and values take turns."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from bazaar.redaction import facts as f, keys as k
from bazaar.redaction.addresses import REMOVED
from bazaar.redaction.documents import Json
from bazaar.redaction.grammar import may_mean_somebody
from bazaar.redaction.lexicon.persons import IDS, PEOPLE, PERSON
from bazaar.redaction.objects import ObjectKeys
from bazaar.redaction.texts import clean_text, says_nothing
from bazaar.redaction.words import words

_OF_KIND = f.PERSON | f.THING
_VERSION = re.compile(r"v?\d{1,5}\.\d")
_THING = re.compile(
    r"[\w.-]+(?:/[\w.-]*\d[\w.-]*)+|[\w.-]+/[\w./-]+/[\w./-]*|[A-Z0-9]+(?:_[A-Z0-9]+)+|\w+(?:::\w+)+"
    r"|[A-Z]{3,7} /\S*|urn:[\w:.-]+|https?://\S+"
)
_NAME_IN_PROGRAM = re.compile(r"[a-z]+(?:[A-Z][a-z0-9]*)+|[A-Za-z]\w*_\w+")
_HEADER_NAME = re.compile(
    r":(?:method|path|scheme|status|authority)|accept|host|connection|origin|referer|pragma|etag|server|vary|allow|upgrade|"
    r"(?:accept|content|cache|last|if|x|sec|access|strict|transfer|proxy|keep|www|cross|upgrade|device)-[a-z-]{1,60}",
    re.IGNORECASE,
)


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


_LONGEST_KIND = 100
_SMALL = 100_000
"""Numbers below are counts and places; a telephone number is larger."""

_MATTERS = f.SOMEBODY | f.VERSION
_OF_ITSELF = "resourceType"  # in the documents of hospitals (FHIR): what the object itself is
_PERSONS = PERSON | PEOPLE | {"contact", "contacts"}
_GENERIC = frozenset({"object", "item", "resource", "entity", "record", "target", "content", "subject", "model"})
_LABELS = frozenset({"label", "name", "title", "details", "display", "email", "slug", "reference", "path", "repr"})
_STAYS = f.ABOUT_PAIR | f.FIELD | f.FIELD_ALONE | f.ADDRESS | f.THING
NOTHING = Siblings()


class _Named(NamedTuple):
    """What the values name that say what something is: `field`, `type`, `version`."""

    others_go: bool
    values_go: bool
    versions: int
    inherited: int
    references: set[str]


def about_siblings(source: dict[str, Json], keys: ObjectKeys) -> Siblings:
    """Return what the keys and values of an object tell about one another."""
    named = _all_named(source, keys)
    together, inherited = keys.together, named.inherited
    is_thing = bool(inherited & f.THING and not inherited & f.PERSON)
    is_software = bool(together & f.NAME and together & f.VERSION) and any(map(_is_version, source.values(), keys.each))
    inherited |= f.THING * is_software
    inherited |= f.THING * bool(together & f.NAME and together & f.OF_THING)
    columns = columns_of(source, keys.each) if together & f.COLUMNS and together & f.ROWS else frozenset()
    is_person = bool(together & f.OF_PERSON and together & (f.OWN_ID | f.IN_PLACE)) and not is_thing
    if not (any(named) or inherited or keys.has_value or columns or is_person):
        return NOTHING
    return Siblings(
        others_go=named.others_go,
        values_go=named.values_go,
        versions=named.versions,
        inherited=inherited,
        columns=columns,
        is_person=is_person,
        has_value=keys.has_value,
        references=frozenset(named.references),
        is_thing=is_thing or is_software,
    )


def _all_named(source: dict[str, Json], keys: ObjectKeys) -> _Named:
    others = values = False
    versions = inherited = 0
    references: set[str] = set()
    for key, facts in keys.asked:
        value = source[key]
        if isinstance(value, int) or (isinstance(value, dict) and not facts & f.FIELD):
            continue
        named = _named_kind(value) if facts & (f.KIND | f.KIND_OF) else _named(value)
        if not named:
            continue
        versions |= named & f.VERSION if not facts & f.PERSONAL else 0
        if facts & f.COLUMNS and keys.together & f.ROWS and isinstance(value, list):
            continue
        if facts & f.FIELD:
            others |= bool(named & f.SOMEBODY)
        elif facts & f.KIND and named & _OF_KIND:
            inherited |= named & (f.THING | f.PERSON)
            references |= _references(f"{key} type", source) if named & f.PERSON else set()
        elif facts & f.KIND_OF and not facts & f.FIELD_ALONE:
            references |= _references(key, source) if named & f.PERSON else set()
            inherited |= f.PERSON * bool(named & f.PERSON and key == _OF_ITSELF)
        else:
            is_personal = bool(named & f.PERSONAL)
            names_all = bool(facts & f.NAMES_ALL)
            others |= is_personal and names_all
            values |= is_personal or (bool(named & f.SOMEBODY) and names_all)
    return _Named(others, values, versions, inherited, references)


def _is_version(value: Json, facts: int) -> bool:
    """Tell whether a value is the version of software, which a person has none of."""
    return bool(facts & f.VERSION) and isinstance(value, str) and _VERSION.match(value) is not None


def _references(key: str, source: dict[str, Json]) -> set[str]:
    """Return the keys of the ids that belong to the type under `key`."""
    *whose, _ = words(key)
    owners = [whose]
    if _GENERIC.issuperset(whose):
        others = {word for word in _GENERIC if not {f"{word}_type", f"{word}Type"} & set(source)}
        owners += [[word] for word in others]
    named = [(other, words(other)) for other in source]
    return {
        other
        for other, parts in named
        if len(parts) > 0 and parts[-1] in (IDS | _LABELS if len(parts) > 1 else IDS) and [*parts[:-1]] in owners
    }


def _is_something_else(value: Json) -> bool:
    """Tell whether a value can hardly be the datum that is named beside it: an object, several, or a small number."""
    if isinstance(value, list):
        return any(isinstance(item, dict) for item in value)
    return isinstance(value, dict) or (isinstance(value, (int, float)) and abs(value) < _SMALL)


def _named(value: Json, matters: int = _MATTERS) -> int:
    """Return the facts about what the value of a `field` names; of all, where it is a list."""
    named = 0
    if isinstance(value, dict):
        value = [item for key, item in value.items() if k.facts_of(key) & f.FIELD_ALONE or key == "ref"]
    for name in value if isinstance(value, list) else (value,):
        if isinstance(name, str) and (matters is not _MATTERS or may_mean_somebody(name)):
            # Cleaned first: the second time must find the same.
            found = k.named_by(name if says_nothing(name) else clean_text(name))
            named |= found if found & matters else 0
    return named


def _named_kind(value: Json) -> int:
    """Return the facts about the kind of a thing: `User`, `App\\Models\\User`, `user_reference`."""
    if not isinstance(value, str):
        return _named(value)
    kinds = _MATTERS | f.THING
    named = (_named(value, kinds) | _named(re.split(r"[./:\\]", value)[-1], kinds)) & ~(f.PERSON | f.PEOPLE)
    said = words(value[:_LONGEST_KIND])
    is_person = said and (said[-1] in _PERSONS or (named & f.PERSONAL and not PERSON.isdisjoint(said)))
    return named | f.PERSON * bool(is_person)


def columns_of(source: dict[str, Json], facts_of_keys: Sequence[int]) -> frozenset[int]:
    """Return the places of the columns of a table that are personal."""
    for value, facts in zip(source.values(), facts_of_keys, strict=True):
        if facts & f.COLUMNS and isinstance(value, list):
            names = [_name_of_column(column) for column in value]
            return frozenset(place for place, name in enumerate(names) if k.named_by(name) & f.SOMEBODY)
    return frozenset()


def _name_of_column(column: Json) -> Json:
    if isinstance(column, dict):
        return next((column[key] for key in ("name", "id", "field", "key", "title", "label") if key in column), None)
    return column


def is_header_name(value: Json) -> bool:
    """Tell whether a name is one that programs use, of a header or a field, beside its value."""
    return isinstance(value, str) and bool(_HEADER_NAME.fullmatch(value) or _NAME_IN_PROGRAM.fullmatch(value))


def is_no_name(value: Json) -> bool:
    """Tell whether a value is the name of a thing by its form: a path, or a constant of a program."""
    return isinstance(value, str) and _THING.fullmatch(value) is not None

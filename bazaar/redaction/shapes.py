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
_PLAIN_WORD = re.compile(r"[A-Za-z_-]*")
_NAME_OF_VALUE = re.compile(r":?[^\W\d][\w. -]{0,60}:?")
_THING = re.compile(r"[\w.-]+(?:/[\w.-]*\d[\w.-]*)+|[\w.-]+/[\w./-]+/[\w./-]*|[A-Z0-9]+(?:_[A-Z0-9]+)+|\w+(?:::\w+)+")
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
    has_value: bool = False  # beside a name stands a value
    references: frozenset[str] = frozenset()  # keys of ids of persons: `item_id` beside `{"item_type": "User"}`
    is_thing: bool = False  # its kind or its version, which a person has not, tells

    def takes(self, key: str, facts: int, value: Json) -> bool:
        """Tell whether a value goes because of its siblings."""
        if self.references and key in self.references:
            return not isinstance(value, (dict, list)) and value is not None
        if not (self.others_go or self.values_go) or value in (None, "") or isinstance(value, bool):
            return False
        if facts & f.CHANGE:
            return True
        return self.others_go and not facts & _STAYS and not _is_something_else(value)


_LONGEST_KIND = 100
_SMALL = 100_000
"""Numbers below are counts and places; a telephone number is larger."""

_MATTERS = f.SOMEBODY | f.VERSION
_GENERIC = frozenset({"object", "item", "resource", "entity", "record", "target", "content", "subject", "model"})
_STAYS = f.ABOUT_PAIR | f.FIELD | f.FIELD_ALONE | f.ADDRESS | f.THING
NOTHING = Siblings()


def about_siblings(source: dict[str, Json], keys: ObjectKeys) -> Siblings:
    """Return what the keys and values of an object tell about one another."""
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
        else:
            is_personal = bool(named & f.PERSONAL)
            names_all = bool(facts & f.NAMES_ALL)
            others |= is_personal and names_all
            values |= is_personal or (bool(named & f.SOMEBODY) and names_all)
    is_thing = bool(inherited & f.THING and not inherited & f.PERSON)
    together = keys.together
    is_software = bool(together & f.NAME and together & f.VERSION) and any(map(_is_version, source.values(), keys.each))
    inherited |= f.THING * is_software
    inherited |= f.THING * bool(together & f.NAME and together & f.OF_THING)
    columns = columns_of(source, keys.each) if together & f.COLUMNS and together & f.ROWS else frozenset()
    if not (others or values or versions or inherited or keys.has_value or columns or references):
        return NOTHING
    return Siblings(
        others, values, versions, inherited, columns, keys.has_value, frozenset(references), is_thing or is_software
    )


def _is_version(value: Json, facts: int) -> bool:
    """Tell whether a value is the version of software, which a person has none of."""
    return bool(facts & f.VERSION) and isinstance(value, str) and _VERSION.match(value) is not None


def _references(key: str, source: dict[str, Json]) -> set[str]:
    """Return the keys of the ids that belong to the type under `key`."""
    *whose, _ = words(key)
    owners = [whose, *([word] for word in _GENERIC)] if _GENERIC.issuperset(whose) else [whose]
    return {other for other in source if (parts := words(other)) and [*parts[:-1]] in owners and parts[-1] in IDS}


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
    is_person = said and (said[-1] in PERSON | PEOPLE or (named & f.PERSONAL and not PERSON.isdisjoint(said)))
    return named | f.PERSON * bool(is_person)


def columns_of(source: dict[str, Json], facts_of_keys: Sequence[int]) -> frozenset[int]:
    """Return the places of the columns of a table that are personal."""
    for value, facts in zip(source.values(), facts_of_keys, strict=True):
        if facts & f.COLUMNS and isinstance(value, list):
            names = [_name_of_column(column) for column in value]
            return frozenset(place for place, name in enumerate(names) if k.named_by(name) & f.SOMEBODY)
    return frozenset()


def columns_of_rows(rows: Sequence[Json], inherited: int) -> frozenset[int]:
    """Return the places of the personal columns of a list of rows whose first row holds the names of the columns."""
    head = rows[0]
    if not isinstance(head, list) or len(head) < 2 or len(rows) < 2:  # noqa: PLR2004 - a table
        return frozenset()
    if not all(isinstance(row, list) and len(row) == len(head) for row in rows):
        return frozenset()
    if not all(isinstance(name, str) and _NAME_OF_VALUE.fullmatch(name) for name in head):
        return frozenset()
    columns = frozenset(place for place, name in enumerate(head) if _named_in_list(name) & f.SOMEBODY)
    is_table = bool(inherited & f.TABLE) or len(columns) > 1 or not is_pairs(rows)
    return columns if is_table else frozenset()


def _name_of_column(column: Json) -> Json:
    if isinstance(column, dict):
        return next((column[key] for key in ("name", "id", "field", "key", "title", "label") if key in column), None)
    return column


def is_pairs(items: Sequence[Json]) -> bool:
    """Tell whether a list is one of pairs of a name and something."""
    return bool(items) and all(isinstance(item, list) and len(item) > 1 and isinstance(item[0], str) for item in items)


def is_header_name(value: Json) -> bool:
    return isinstance(value, str) and _HEADER_NAME.fullmatch(value) is not None


def is_no_name(value: Json) -> bool:
    """Tell whether a value is the name of a thing by its form: a path, or a constant of a program."""
    return isinstance(value, str) and _THING.fullmatch(value) is not None


def personal_places(items: Sequence[Json], inherited: int) -> frozenset[int]:
    """Return the places in a list that hold a datum which the item before, or the first of a pair, names."""
    if len(items) < 2 or not isinstance(items[0], str):  # noqa: PLR2004 - a name and a value
        return frozenset()
    if any(isinstance(item, str) and item.startswith("--") for item in items):
        return _option_values(items)
    if inherited & f.PAIR:
        # The sign of a change may stand before the name.
        first = 0 if any(c.isalnum() for c in items[0]) else 1
        named = _named_in_list(items[first]) & (f.PERSONAL | f.PERSON)
        return frozenset(range(first + 1, len(items))) if named else frozenset()
    if len(items) == 2 and not inherited & f.FLAT:  # noqa: PLR2004
        is_pair = _named_in_list(items[0]) & f.PERSONAL and not _is_plain(items[1])
        return frozenset({1}) if is_pair else frozenset()
    if len(items) % 2 == 0 and _takes_turns(items, inherited):
        return frozenset(at + 1 for at in range(0, len(items), 2) if _named_in_list(items[at]) & f.PERSONAL)
    return frozenset()


def _option_values(items: Sequence[Json]) -> frozenset[int]:
    """Return the places of the values of a command's options: `["--email", "..."]`."""
    named = (at for at, item in enumerate(items) if isinstance(item, str) and item.startswith("--"))
    return frozenset(
        at + 1
        for at in named
        if k.names_datum(items[at]) and not (at + 1 < len(items) and str(items[at + 1]).startswith("--"))
    )


def _takes_turns(items: Sequence[Json], inherited: int) -> bool:
    """Tell whether names and values take turns in a list, as the headers of a request do in Node."""
    names, values = items[::2], items[1::2]
    if not all(isinstance(name, str) and _NAME_OF_VALUE.fullmatch(name) for name in names):
        return False
    if not any(_named_in_list(name) & f.PERSONAL for name in names):
        return False
    return bool(inherited & f.FLAT) or not all(_is_plain(value) for value in values if value != REMOVED)


def _named_in_list(name: Json) -> int:
    """Return the facts about the datum that an item of a list names; 0 for what is more than a name."""
    if not isinstance(name, str) or not may_mean_somebody(name) or not _NAME_OF_VALUE.fullmatch(name):
        return 0
    facts = k.named_by(name)
    return 0 if facts & f.ADDRESS else facts


def _is_plain(value: Json) -> bool:
    return isinstance(value, str) and _PLAIN_WORD.fullmatch(value) is not None

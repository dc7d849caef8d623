"""What the shape of a list tells: pairs, rows of a table, properties, and names and values that take turns."""

import re
from collections.abc import Sequence

from bazaar.redaction import facts as f, keys as k
from bazaar.redaction.addresses import REMOVED
from bazaar.redaction.documents import Json
from bazaar.redaction.grammar import may_mean_somebody
from bazaar.redaction.lexicon.structures import VCARD

_PLAIN_WORD = re.compile(r"[A-Za-z_-]*")
_NAME_OF_VALUE = re.compile(r":?[^\W\d][\w. -]{0,60}:?")


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


def is_pairs(items: Sequence[Json]) -> bool:
    """Tell whether a list is one of pairs of a name and something."""
    return bool(items) and all(isinstance(item, list) and len(item) > 1 and isinstance(item[0], str) for item in items)


def personal_places(items: Sequence[Json], inherited: int) -> frozenset[int]:
    """Return the places in a list that hold a datum which the item before, or the first of a pair, names."""
    if len(items) < 2 or not isinstance(items[0], str):  # noqa: PLR2004 - a name and a value
        return frozenset()
    if _is_property(items):
        return _values_of_property(items)
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
    places = range(0, len(items), 2) if len(items) % 2 == 0 and _takes_turns(items, inherited) else ()
    return frozenset(at + 1 for at in places if _named_in_list(items[at]) & f.PERSONAL)


def _is_property(items: Sequence[Json]) -> bool:
    """Tell whether a list is a property of a contact or a calendar: a name, parameters, a type, and values."""
    return len(items) > 3 and isinstance(items[1], dict) and isinstance(items[2], str)  # noqa: PLR2004


def _values_of_property(items: Sequence[Json]) -> frozenset[int]:
    is_personal = str(items[0]).casefold() in VCARD or _named_in_list(items[0]) & f.SOMEBODY
    return frozenset(range(3, len(items))) if is_personal else frozenset()


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
    return bool(inherited & f.FLAT and not inherited & f.LIST_OF_NAMES) or not all(
        _is_plain(value) for value in values if value != REMOVED
    )


def _named_in_list(name: Json) -> int:
    """Return the facts about the datum that an item of a list names; 0 for what is more than a name."""
    if not isinstance(name, str) or not may_mean_somebody(name) or not _NAME_OF_VALUE.fullmatch(name):
        return 0
    facts = k.named_by(name)
    return 0 if facts & f.ADDRESS else facts


def _is_plain(value: Json) -> bool:
    return isinstance(value, str) and _PLAIN_WORD.fullmatch(value) is not None

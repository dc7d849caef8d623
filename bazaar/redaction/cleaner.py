"""Copy a document without what is personal in it, from the top down and without recursion."""

import re

from bazaar.redaction import keys as k
from bazaar.redaction.addresses import REMOVED, AddressSet
from bazaar.redaction.documents import ExactNumber, Json
from bazaar.redaction.embedded import clean_embedded
from bazaar.redaction.lexicon.persons import NOT_NAMES
from bazaar.redaction.maps import person_keys
from bazaar.redaction.shapes import (
    LABELLED,
    NOTHING,
    PAIR,
    Siblings,
    about_siblings,
    columns_of_rows,
    is_header_name,
    is_no_name,
    is_pairs,
    personal_places,
)
from bazaar.redaction.texts import clean_text, is_plain_word, says_nothing

ABOUT_PERSON = k.PERSON | k.PEOPLE | k.ABOUT
_MAY_GO = k.MAIL | k.PERSONAL | k.PERSON | k.PEOPLE | k.OWN_PART
_COLUMN = re.compile(r"[a-z_]{2,40}_(?:at|on|date|count)")
INHERITED = ABOUT_PERSON | k.VERSION | k.THING | k.FLAT | k.BY_PERSON | k.TABLE
_THROUGH_WRAPPERS = ABOUT_PERSON | k.THING | k.FLAT | k.BY_PERSON
_OF_PEOPLE = k.PEOPLE | k.BY_PERSON
_CHANGES_WHAT_IS_BELOW = k.ROWS | k.CHANGE | k.WRAPPER
_MATTERS = _MAY_GO | k.ADDRESS | _CHANGES_WHAT_IS_BELOW
_ONE_PERSON = k.PERSON | k.ABOUT
_DEEPEST_TEXT = 4
"""How many documents in one another, each in a text of the other, are looked into."""


class Cleaner:
    """Copies one document; `changed` tells whether the copy differs.

    What a container inherits is a number of facts about the key above it.
    """

    def __init__(self, known: AddressSet | None = None, depth: int = 0) -> None:
        self.known = known
        self.depth = depth
        self.changed = False
        self.marks = 0  # in the object that is filled
        self.todo: list[tuple[Json, Json, int]] = []  # containers, their still empty copies, what they inherit

    def clean(self, document: Json) -> Json:
        """Return the copy, or the very same document where nothing in it is personal."""
        cleaned = self._copy(document, 0)
        while self.todo:
            source, target, inherited = self.todo.pop()
            if isinstance(source, dict) and isinstance(target, dict):
                self._fill_object(source, target, inherited)
            elif isinstance(source, list) and isinstance(target, list):
                self._fill_list(source, target, inherited)
        return cleaned if self.changed else document

    def _copy(self, value: Json, inherited: int) -> Json:
        """Return the cleaned copy of a value; that of a container is empty, and filled later."""
        if isinstance(value, str):
            if isinstance(value, ExactNumber) or (self.known is None and says_nothing(value)):
                return value
            return self._text(value, inherited)
        if isinstance(value, (dict, list)):
            empty: Json = {} if isinstance(value, dict) else []
            if value:
                self.todo.append((value, empty, inherited))
            return empty
        return value

    def _text(self, value: str, inherited: int) -> str:
        cleaned = value
        if self.depth < _DEEPEST_TEXT:
            cleaned, is_done = clean_embedded(value, self._inner)
            if is_done:
                self.changed |= cleaned is not value
                return cleaned
        cleaned = clean_text(cleaned, known=self.known, in_version=bool(inherited & k.VERSION))
        self.changed |= cleaned is not value
        return cleaned

    def _inner(self, document: Json) -> Json:
        return Cleaner(self.known, self.depth + 1).clean(document)

    def _fill_list(self, source: list[Json], target: list[Json], inherited: int) -> None:
        below = inherited & ~(PAIR | k.FLAT | k.TABLE | _OF_PEOPLE) | PAIR * is_pairs(source)
        below |= k.PERSON * bool(inherited & k.PEOPLE) | LABELLED * bool(inherited & k.FLAT)
        columns = columns_of_rows(source, inherited)
        if columns:
            target += [source[0], *(self._row(row, columns) if isinstance(row, list) else row for row in source[1:])]
            return
        gone = personal_places(source, inherited)
        for place, item in enumerate(source):
            if place in gone and _can_hold(item):
                target.append(REMOVED)
                self.changed = True
            elif inherited & ABOUT_PERSON and not inherited & PAIR and _is_reference(item):
                self.changed = True
            else:
                target.append(self._copy(item, below))

    def _fill_object(self, source: dict[str, Json], target: dict[str, Json], inherited: int) -> None:
        all_facts, telling = k.facts_of_all(tuple(source))
        siblings = about_siblings(source, all_facts, telling)
        inherited = (inherited | siblings.inherited) & ~(ABOUT_PERSON * siblings.is_thing)
        self.marks = 0
        below = inherited & k.VERSION
        tell = siblings is not NOTHING
        people = person_keys(source, inherited) if inherited & _OF_PEOPLE else ()
        is_plain = not tell and not people and self.known is None
        for (key, value), facts in zip(source.items(), all_facts, strict=True):
            if is_plain and not facts & _MATTERS:
                target[key] = self._copy(value, below | facts & INHERITED)
            elif people and key in people:
                self._person(value, source, target)
            elif (tell and siblings.takes(key, facts, value)) or (
                facts & _MAY_GO and self._goes(facts, value, inherited, siblings)
            ):
                self.changed = True
            else:
                name = key
                if (facts & k.ADDRESS or self.known is not None) and self._has_address(key, below):
                    name = self._mark(source, target)
                if facts & _CHANGES_WHAT_IS_BELOW:
                    target[name] = self._below(value, facts, inherited, siblings)
                else:
                    target[name] = self._copy(value, below | facts & INHERITED)

    def _below(self, value: Json, facts: int, inherited: int, siblings: Siblings) -> Json:
        """Copy what stands under a key for a change, a container or the rows of a table."""
        if facts & k.ROWS and siblings.columns:
            return self._rows(value, siblings.columns)
        below = inherited & k.VERSION | facts & INHERITED
        below |= siblings.versions if facts & k.CHANGE else 0
        return self._copy(value, below | (inherited & _THROUGH_WRAPPERS if facts & k.WRAPPER else 0))

    def _person(self, value: Json, source: dict[str, Json], target: dict[str, Json]) -> None:
        """Copy what there is about a person under a key that is the person's."""
        is_personal = isinstance(value, str) and not is_plain_word(value) and _is_reference(value)
        target[self._mark(source, target)] = REMOVED if is_personal else self._copy(value, k.PERSON)

    def _goes(self, facts: int, value: Json, inherited: int, siblings: Siblings) -> bool:
        """Tell whether a key is removed with its value."""
        if facts & k.ADDRESS:  # its words are somebody's address, and it is renamed
            return False
        if facts & k.NAME and not (inherited & ABOUT_PERSON):
            is_label = k.names_datum(value) or (
                siblings.has_value and (bool(inherited & LABELLED) or is_header_name(value))
            )
            return not (inherited & k.THING or is_label or is_no_name(value))
        if facts & k.PERSONAL or (facts & k.MAIL and inherited & k.FLAT and _can_hold(value)):
            return True
        if facts & k.OWN_PART and inherited & ABOUT_PERSON:
            # Beneath several persons a number under `new` is a count.
            return not (facts & k.CHANGE and isinstance(value, int) and not inherited & _ONE_PERSON)
        if facts & k.PERSON:
            return _is_reference(value)
        return bool(facts & k.PEOPLE) and isinstance(value, str)

    def _rows(self, rows: Json, columns: frozenset[int]) -> Json:
        """Return the rows of a table without the cells in personal columns."""
        if not isinstance(rows, list):
            return self._copy(rows, 0)
        if rows and not any(isinstance(row, (list, dict)) for row in rows):
            return self._row(rows, columns)
        return [self._row(row, columns) if isinstance(row, list) else self._copy(row, 0) for row in rows]

    def _row(self, row: list[Json], columns: frozenset[int]) -> Json:
        cells: list[Json] = []
        for place, cell in enumerate(row):
            if place in columns and _can_hold(cell):
                self.changed = True
                cells.append(REMOVED)
            else:
                cells.append(self._copy(cell, 0))
        return cells

    def _has_address(self, key: str, inherited: int) -> bool:
        return clean_text(key, known=self.known, in_version=bool(inherited & k.VERSION)) is not key

    def _mark(self, source: dict[str, Json], target: dict[str, Json]) -> str:
        """Return `[removed-n]` in place of a key, with an n that neither object has."""
        self.changed = True
        while True:
            self.marks += 1
            name = f"[removed-{self.marks}]"
            if name not in source and name not in target:
                return name


def _can_hold(value: Json) -> bool:
    """Tell whether a value can hold a datum: neither a mark, nor nothing, nor a yes or no."""
    return value not in (None, REMOVED, "") and not isinstance(value, bool)


def _is_reference(value: Json) -> bool:
    """Tell whether a value that stands for a person is a name or an id, and no operator, yes or no."""
    if isinstance(value, str):
        return (
            not _COLUMN.fullmatch(value)
            and any(c.isalnum() for c in value)
            and value.casefold() not in NOT_NAMES
            and value != REMOVED
        )
    return isinstance(value, (int, float)) and not isinstance(value, bool)

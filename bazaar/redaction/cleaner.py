"""Copy a document without what is personal in it, from the top down and without recursion."""

from bazaar.redaction import facts as f
from bazaar.redaction.addresses import REMOVED, AddressSet
from bazaar.redaction.documents import Json
from bazaar.redaction.embedded import clean_embedded
from bazaar.redaction.judgement import can_hold, goes, holds_objects, is_reference
from bazaar.redaction.lists import columns_of_rows, is_pairs, personal_places
from bazaar.redaction.maps import person_keys
from bazaar.redaction.objects import about_datum, keys_of
from bazaar.redaction.siblings import NOTHING, Siblings, about_siblings
from bazaar.redaction.texts import clean_text, is_plain_word, says_nothing

_MAY_GO = f.IN_PLACE | f.MAIL | f.PERSONAL | f.PERSON | f.PEOPLE | f.OWN_PART
_THROUGH_WRAPPERS = f.ABOUT_PERSON | f.THING | f.FLAT | f.BY_PERSON
_OUT_OF_EVENTS = _THROUGH_WRAPPERS & ~f.THING
_OF_PEOPLE = f.PEOPLE | f.BY_PERSON
_CHANGES_WHAT_IS_BELOW = f.ROWS | f.CHANGE | f.WRAPPER
_MATTERS = _MAY_GO | f.ADDRESS | _CHANGES_WHAT_IS_BELOW
_AS_THEY_ARE = frozenset({int, float, bool, type(None)})
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
        # containers, their still empty copies, and what they inherit
        self.objects: list[tuple[dict[str, Json], dict[str, Json], int]] = []
        self.lists: list[tuple[list[Json], list[Json], int]] = []

    def clean(self, document: Json) -> Json:
        """Return the copy, or the very same document where nothing in it is personal."""
        cleaned = self._copy(document, 0)
        while self.objects or self.lists:
            while self.objects:
                self._fill_object(*self.objects.pop())
            if self.lists:
                self._fill_list(*self.lists.pop())
        return cleaned if self.changed else document

    def _copy(self, value: Json, inherited: int) -> Json:
        """Return the cleaned copy of a value; that of a container is empty, and filled later."""
        if type(value) is str:  # not an `ExactNumber`
            return value if self.known is None and says_nothing(value) else self._text(value, inherited)
        if isinstance(value, dict):
            copied: dict[str, Json] = {}
            if value:
                self.objects.append((value, copied, inherited))
            return copied
        if isinstance(value, list):
            items: list[Json] = []
            if value:
                self.lists.append((value, items, inherited))
            return items
        return value

    def _text(self, value: str, inherited: int) -> str:
        cleaned = value
        if self.depth < _DEEPEST_TEXT:
            cleaned, is_done = clean_embedded(value, self._inner)
            if is_done:
                self.changed |= cleaned is not value
                return cleaned
        cleaned = clean_text(cleaned, known=self.known, in_version=bool(inherited & f.VERSION))
        self.changed |= cleaned is not value
        return cleaned

    def _inner(self, document: Json) -> Json:
        return Cleaner(self.known, self.depth + 1).clean(document)

    def _fill_list(self, source: list[Json], target: list[Json], inherited: int) -> None:
        below = inherited & ~(f.PAIR | f.FLAT | f.TABLE | _OF_PEOPLE) | f.PAIR * is_pairs(source)
        below |= f.PERSON * bool(inherited & f.PEOPLE) | f.LABELLED * bool(inherited & f.FLAT)
        columns = columns_of_rows(source, inherited)
        if columns:
            target += [source[0], *(self._row(row, columns) if isinstance(row, list) else row for row in source[1:])]
            return
        gone = personal_places(source, inherited)
        for place, item in enumerate(source):
            if place in gone and can_hold(item):
                target.append(REMOVED)
                self.changed = True
            elif inherited & f.ABOUT_PERSON and not inherited & f.PAIR and is_reference(item):
                self.changed = True
            else:
                target.append(self._copy(item, below | f.PERSON * bool(gone)))

    def _fill_object(self, source: dict[str, Json], target: dict[str, Json], inherited: int) -> None:
        keys = keys_of(source)
        siblings = about_siblings(source, keys) if keys.may_tell else NOTHING
        inherited = (inherited | siblings.inherited) & ~(f.ABOUT_PERSON * siblings.is_thing)
        inherited |= f.PLACE * keys.says_where
        self.marks = 0
        below = inherited & f.VERSION
        tell = siblings is not NOTHING
        people = person_keys(source, inherited) if inherited & _OF_PEOPLE else ()
        is_plain = not tell and not people and self.known is None
        if is_plain and not keys.together & _MATTERS:
            for key, value, from_key in zip(source, source.values(), keys.inherited, strict=True):
                target[key] = value if type(value) in _AS_THEY_ARE else self._copy(value, below | from_key)
            return
        for key, value, facts in zip(source, source.values(), keys.each, strict=True):
            if people and key in people:
                self._person(value, source, target)
            elif (tell and siblings.takes(key, facts, value)) or (
                facts & _MAY_GO and goes(facts, value, inherited, siblings)
            ):
                self._leave_what_is_about(key, facts, value, target)
            else:
                name = key
                if (facts & f.ADDRESS or self.known is not None) and self._has_address(key, below):
                    name = self._mark(source, target)
                if type(value) in _AS_THEY_ARE:
                    target[name] = value
                elif facts & _CHANGES_WHAT_IS_BELOW:
                    target[name] = self._below(value, facts, inherited, siblings)
                else:
                    target[name] = self._copy(value, below | facts & f.INHERITED)

    def _below(self, value: Json, facts: int, inherited: int, siblings: Siblings) -> Json:
        """Copy what stands under a key for a change, a container or the rows of a table."""
        if facts & f.ROWS and siblings.columns:
            return self._rows(value, siblings.columns)
        below = inherited & f.VERSION | facts & f.INHERITED
        below |= siblings.versions if facts & f.CHANGE else 0
        if facts & f.WRAPPER and holds_objects(value):
            below |= inherited & (_OUT_OF_EVENTS if inherited & f.HAPPENING else _THROUGH_WRAPPERS) | siblings.below
        return self._copy(value, below)

    def _leave_what_is_about(self, key: str, facts: int, value: Json, target: dict[str, Json]) -> None:
        """Leave of a personal object what only says something about the datum: `{"email": {"verified": true}}`."""
        if facts & f.DONE_BY and isinstance(value, dict):
            target[key] = self._copy(value, f.PERSON)
            return
        left = about_datum(value) if isinstance(value, (dict, list)) and facts & f.PERSONAL else None
        if left:
            target[key] = left
        self.changed |= not left or left != value

    def _person(self, value: Json, source: dict[str, Json], target: dict[str, Json]) -> None:
        """Copy what there is about a person under a key that is the person's."""
        is_personal = isinstance(value, str) and not is_plain_word(value) and is_reference(value)
        target[self._mark(source, target)] = REMOVED if is_personal else self._copy(value, f.PERSON)

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
            if place in columns and can_hold(cell):
                self.changed = True
                cells.append(REMOVED)
            else:
                cells.append(self._copy(cell, 0))
        return cells

    def _has_address(self, key: str, inherited: int) -> bool:
        return clean_text(key, known=self.known, in_version=bool(inherited & f.VERSION)) is not key

    def _mark(self, source: dict[str, Json], target: dict[str, Json]) -> str:
        """Return `[removed-n]` in place of a key, with an n that neither object has."""
        self.changed = True
        while True:
            self.marks += 1
            name = f"[removed-{self.marks}]"
            if name not in source and name not in target:
                return name

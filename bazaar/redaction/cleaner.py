"""Copy a document without what is personal in it, from the top down and without recursion."""

from itertools import count

from bazaar.redaction import keys as k
from bazaar.redaction.addresses import REMOVED, AddressSet
from bazaar.redaction.documents import ExactNumber, Json
from bazaar.redaction.embedded import clean_embedded
from bazaar.redaction.lexicon import NOT_NAMES
from bazaar.redaction.shapes import NOTHING, PAIR, Siblings, about_siblings, is_header_name, is_pairs, personal_places
from bazaar.redaction.texts import clean_text, is_plain_word

ABOUT_PERSON = k.PERSON | k.PEOPLE | k.ABOUT
_MAY_GO = k.PERSONAL | k.PERSON | k.PEOPLE | k.OWN_PART
INHERITED = ABOUT_PERSON | k.VERSION | k.THING | k.FLAT
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
        if isinstance(value, ExactNumber):
            return value
        if isinstance(value, str):
            return self._text(value, inherited)
        if isinstance(value, (dict, list)):
            empty: Json = {} if isinstance(value, dict) else []
            if value:
                self.todo.append((value, empty, inherited))
            return empty
        return value

    def _text(self, value: str, inherited: int) -> str:
        if is_plain_word(value) and self.known is None:
            return value
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
        below = inherited & ~(PAIR | k.FLAT) | PAIR * is_pairs(source)
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
        facts_of_keys = list(map(k.facts_of, source))
        siblings = about_siblings(source, facts_of_keys)
        inherited |= siblings.inherited
        below = inherited & k.VERSION
        known, tell = self.known, siblings is not NOTHING
        for (key, value), facts in zip(source.items(), facts_of_keys, strict=True):
            if (tell and siblings.takes(facts, value)) or (facts and self._goes(facts, value, inherited, siblings)):
                self.changed = True
                continue
            name = key
            if facts & k.ADDRESS or known is not None:
                name = self._renamed(key, source, target, below)
            if facts & k.ROWS and siblings.columns:
                target[name] = self._rows(value, siblings.columns)
            else:
                versions = siblings.versions if facts & k.CHANGE else 0
                target[name] = self._copy(value, below | versions | facts & INHERITED)

    def _goes(self, facts: int, value: Json, inherited: int, siblings: Siblings) -> bool:
        """Tell whether a key is removed with its value."""
        if not facts & _MAY_GO or facts & k.ADDRESS:  # its words are somebody's address, and it is renamed
            return False
        if facts & k.NAME and not (inherited & ABOUT_PERSON):
            is_label = k.names_datum(value) or (siblings.has_value and is_header_name(value))
            return not (inherited & k.THING or is_label)
        if facts & k.PERSONAL or (facts & k.OWN_PART and inherited & ABOUT_PERSON):
            return True
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

    def _renamed(self, key: str, source: dict[str, Json], target: dict[str, Json], inherited: int) -> str:
        """Return `[removed-n]` for a key with an address in it, with an n that neither object has; else the key."""
        if clean_text(key, known=self.known, in_version=bool(inherited & k.VERSION)) is key:
            return key
        self.changed = True
        return next(name for n in count(1) if (name := f"[removed-{n}]") not in source and name not in target)


def _can_hold(value: Json) -> bool:
    """Tell whether a value can hold a datum: neither a mark, nor nothing, nor a yes or no."""
    return value not in (None, REMOVED, "") and not isinstance(value, bool)


def _is_reference(value: Json) -> bool:
    """Tell whether a value that stands for a person is a name or an id, and no operator, yes or no."""
    if isinstance(value, str):
        return any(c.isalnum() for c in value) and value.casefold() not in NOT_NAMES and value != REMOVED
    return isinstance(value, (int, float)) and not isinstance(value, bool)

"""Clean the metadata of an audit log of what is personal.

- A personal key goes with its value, at every depth (`keys`, by the lists in `lexicon`).
- An e-mail or IP address in a text becomes `[removed]` (`addresses`); a key with one becomes `[removed-n]`.
- Beside a `field` that names a personal key, `old`, `new` and `value` go.
- Under a key for a person (`actor`, `members`) texts and ids go; an object stays, without the person's own id.

Everything else stays as it is. Cleaning what is clean changes nothing, which the caller can tell by `is`.
"""

import json
from collections.abc import Collection
from itertools import count
from typing import TypeAlias

from bazaar.redaction.addresses import REMOVED, AddressSet
from bazaar.redaction.fast_path import is_clean
from bazaar.redaction.keys import (
    ADDRESS,
    CHANGE,
    FIELD,
    OWN_ID,
    PEOPLE,
    PERSON,
    PERSONAL,
    VERSION as NAMES_VERSION,
    facts_of,
    is_personal_key,
)
from bazaar.redaction.texts import clean_text

__all__ = ["REMOVED", "VERSION", "Json", "clean", "clean_json", "is_personal_key"]

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

VERSION: int = 1
"""Version of the cleaner, kept beside what it found clean. Raise it with every change of what is personal."""

LONGEST_FIELD = 100
"""Characters; a longer text is not the name of a field."""


def clean(metadata: Json, *, addresses: Collection[str] = ()) -> Json:
    """Return `metadata` without what is personal: a copy, or the very same object if there is nothing.

    `addresses` are e-mail addresses of data subjects, removed in whatever case they stand and whatever they look like.
    The argument is never changed. Depth is no limit: no recursion.
    """
    cleaner = _Cleaner(AddressSet(addresses) if addresses else None)
    cleaned = cleaner.copy(metadata, 0)
    while cleaner.todo:
        cleaner.fill(*cleaner.todo.pop())
    return cleaned if cleaner.changed else metadata


def clean_json(document: str) -> str | None:
    """Return the JSON text of a document without what is personal, or `None` where it holds nothing of it."""
    if is_clean(document):
        return None
    parsed = json.loads(document)
    cleaned = clean(parsed)
    return None if cleaned is parsed else json.dumps(cleaned)


class _Cleaner:
    """Copies one document from the top down; `changed` tells whether the copy differs.

    What a container inherits is a number of facts about the key above it: `PERSON`, `PEOPLE`, `NAMES_VERSION`.
    """

    def __init__(self, known: AddressSet | None) -> None:
        self.known = known
        self.changed = False
        self.todo: list[tuple[Json, Json, int]] = []  # containers, their still empty copies, what they inherit

    def copy(self, value: Json, inherited: int) -> Json:
        """Return the cleaned copy of a value; that of a container is empty, and filled later."""
        if isinstance(value, str):
            cleaned = clean_text(value, known=self.known, in_version=bool(inherited & NAMES_VERSION))
            if cleaned is not value:
                self.changed = True
            return cleaned
        if isinstance(value, (dict, list)):
            empty: Json = {} if isinstance(value, dict) else []
            if value:
                self.todo.append((value, empty, inherited))
            return empty
        return value

    def fill(self, source: Json, target: Json, inherited: int) -> None:
        """Fill the empty copy of a container."""
        if isinstance(source, dict) and isinstance(target, dict):
            self.fill_object(source, target, inherited)
        elif isinstance(source, list) and isinstance(target, list):
            for item in source:
                if inherited & (PERSON | PEOPLE) and _is_reference(item):
                    self.changed = True
                else:
                    target.append(self.copy(item, inherited))

    def fill_object(self, source: dict[str, Json], target: dict[str, Json], inherited: int) -> None:
        below = inherited & NAMES_VERSION
        facts_of_keys = [facts_of(key) for key in source]
        about_change = self.facts_of_field(source) if any(facts & CHANGE for facts in facts_of_keys) else 0
        for (key, value), facts in zip(source.items(), facts_of_keys, strict=True):
            if not facts and self.known is None:
                target[key] = self.copy(value, below)
                continue
            told = facts | about_change if facts & CHANGE else facts
            if self.goes(told, value, inherited):
                self.changed = True
                continue
            name = key
            if told & ADDRESS or self.known is not None:
                name = self.renamed(key, source, target, below)
            target[name] = self.copy(value, below | told & (PERSON | PEOPLE | NAMES_VERSION))

    def facts_of_field(self, source: dict[str, Json]) -> int:
        """Return what the values of `field` and its like say about `old`, `new` and theirs: personal, or versions."""
        found = 0
        for key, value in source.items():
            facts = facts_of(key)
            if facts & FIELD:
                for name in value if isinstance(value, list) else [value]:
                    if isinstance(name, str) and len(name) <= LONGEST_FIELD:
                        # Cleaned first, and no version by a key that goes: the second time must find the same.
                        said = facts_of(clean_text(name, known=self.known))
                        found |= said & ~NAMES_VERSION if facts & PERSONAL else said
        personal = PERSONAL if found & (PERSONAL | PERSON | PEOPLE) else 0
        return personal | found & NAMES_VERSION

    def goes(self, facts: int, value: Json, inherited: int) -> bool:
        """Tell whether a key is removed with its value."""
        if facts & ADDRESS:  # its words are somebody's address, and it is renamed
            return False
        if facts & PERSONAL or (facts & OWN_ID and inherited & (PERSON | PEOPLE)):
            return True
        if facts & PERSON:
            return _is_reference(value)
        return bool(facts & PEOPLE) and isinstance(value, str)

    def renamed(self, key: str, source: dict[str, Json], target: dict[str, Json], inherited: int) -> str:
        """Return `[removed-n]` for a key with an address in it, with an n that neither object has; else the key."""
        if clean_text(key, known=self.known, in_version=bool(inherited & NAMES_VERSION)) is key:
            return key
        self.changed = True
        return next(name for n in count(1) if (name := f"[removed-{n}]") not in source and name not in target)


def _is_reference(value: Json) -> bool:
    """Tell whether a value that stands for a person is a name or an id."""
    return isinstance(value, (str, int, float)) and not isinstance(value, bool)

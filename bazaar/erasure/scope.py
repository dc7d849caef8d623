"""Whose data an erasure is about, and how it is done."""

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeVar

from bazaar.erasure.identity import Identity
from bazaar.erasure.redactor import Redactor

T = TypeVar("T")
CHUNK = 5_000
"""Rows that one statement deletes, or that are in memory at a time."""


class Mode(StrEnum):
    """What becomes of a person's contributions."""

    ANONYMISE = "anonymise"
    DELETE = "delete"


@dataclass(frozen=True)
class Searched:
    """What a search of everybody's texts has found: rows by model, and which rows are too new for it.

    These are the rows since a moment, and those above the last key of their model.
    """

    since: datetime
    rows: Mapping[str, Collection[str]] = field(default_factory=dict)
    last_keys: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Scope:
    """The subjects of an erasure, what they are known by, and what is done to them.

    `searched` restricts the search of everybody's texts to the rows that an earlier search has found, and those that
    are newer; `None` searches all.
    """

    identity: Identity
    mode: Mode
    now: datetime
    searched: Searched | None = None
    chunk: int = CHUNK
    _redactors: dict[frozenset[str], Redactor] = field(default_factory=dict, init=False, repr=False, compare=False)
    _known: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def ids(self) -> tuple[int, ...]:
        return self.identity.ids

    @property
    def addresses(self) -> frozenset[str]:
        return self.identity.addresses

    @cached_property
    def references(self) -> list[str]:
        """How a text column that holds an id names the subjects."""
        public = self.identity.public_ids
        return [*map(str, self.ids), *sorted({*public, *(form.upper() for form in public)})]

    def once(self, key: Hashable, find: Callable[["Scope"], T]) -> T:
        """Return what `find` returns for the subjects; it is called once for each `key`."""
        if key not in self._known:
            self._known[key] = find(self)
        found: T = self._known[key]
        return found

    def redactor(self, made: datetime | None = None) -> Redactor:
        """Return what finds the addresses that were the subjects' when a row was made."""
        addresses = self.identity.addresses_at(made)
        if addresses not in self._redactors:
            self._redactors[addresses] = Redactor(addresses, self.identity.names)
        return self._redactors[addresses]

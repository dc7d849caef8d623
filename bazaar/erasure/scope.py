"""Whose data an erasure is about, and how it is done.

A query is composed for a `Scope`, whose values stand in it, or for a `Template`, which has none: a statement that is
composed for a template serves for each scope that the template is of (`bazaar.erasure.statements`).
"""

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeVar

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, Field, Q, Value
from django.db.models.sql.compiler import SQLCompiler

from bazaar.erasure.identity import Identity
from bazaar.erasure.redactor import Redactor
from maintenance.core.array_lookup import Later, in_array

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

    @property
    def is_searched(self) -> bool:
        return self.searched is not None

    @property
    def is_shared(self) -> bool:
        """Whether somebody else had an address of theirs too."""
        return bool(self.identity.shared)

    @property
    def template(self) -> "Template | None":
        """What composes the statements for this scope; `None` where they depend on who else had an address."""
        return None if self.is_shared else Template(self.mode, self.is_searched, self.chunk)

    def value(self, find: Callable[["Scope"], Any], kind: "Field[Any, Any]") -> Expression:
        """Return what `find` returns for the scope, as a part of a query."""
        return Value(find(self), kind)

    def array(self, find: Callable[["Scope"], Collection[Any]]) -> Collection[Any] | Later:
        """Return the values that `find` returns for the scope, for `in_array`."""
        return find(self)

    def are_subjects(self, field: str) -> Q:
        """Return the condition that a field has the id of a subject."""
        return in_array(self.ids, field)

    def holds(self, column: str, made: str) -> Q:
        """Return the condition that a column has an address of theirs, in a row that was made in their time."""
        return self.identity.holds(column, made)

    @cached_property
    def spellings(self) -> list[str]:
        """The forms in which e-mail columns may hold addresses of theirs."""
        return self.identity.spellings()

    @cached_property
    def references(self) -> list[str]:
        """How a text column that holds an id names the subjects."""
        public = self.identity.public_ids
        return [*map(str, self.ids), *sorted({*public, *(form.upper() for form in public)})]

    def once(self, key: Hashable, find: Callable[[Any], T]) -> T:
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


@dataclass(frozen=True)
class Template:
    """A scope whose values are not known yet. It has nothing else, so that no statement is composed without them."""

    mode: Mode
    is_searched: bool
    chunk: int
    is_shared = False

    def value(self, find: Callable[[Scope], Any], kind: "Field[Any, Any]") -> Expression:
        return _LaterValue(Later(find), kind)

    def array(self, find: Callable[[Scope], Collection[Any]]) -> Collection[Any] | Later:
        return Later(find)

    def are_subjects(self, field: str) -> Q:
        return in_array(Later(lambda scope: scope.ids), field)

    def holds(self, column: str, made: str) -> Q:
        del made
        return in_array(Later(lambda scope: scope.spellings), column)

    def once(self, key: Hashable, find: Callable[[Any], T]) -> T:
        del key
        return find(self)


AnyScope = Scope | Template


class _LaterValue(Expression):
    """A parameter of a statement, in place of a value."""

    def __init__(self, parameter: Later, kind: "Field[Any, Any]") -> None:
        super().__init__(output_field=kind)
        self._parameter = parameter

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        del compiler

        def adapt(value: Any) -> Any:
            return self.output_field.get_db_prep_value(value, connection)

        return "%s", [self._parameter.then(adapt)]

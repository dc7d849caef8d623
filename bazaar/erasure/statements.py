"""Statements that are composed once, and executed for each person with their values.

To compose the statements of an erasure takes longer than to execute them, and they are the same for each person of a
mode. So a query is composed for a `Template`, and what stands in it for a value of the person is a parameter that is
found when the statement is executed (`Later`). Only where somebody else had an address of the person too, the
statements depend on when: then each is composed for its scope.

A query is composed by a function, for something that it is about (a step, several steps, a selector) and for a scope or
a template; it is the same for each scope of a template.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.db.models.sql import DeleteQuery, UpdateQuery

from bazaar.erasure import rewrite
from bazaar.erasure.scope import AnyScope, Scope
from maintenance.core.array_lookup import Later

T = TypeVar("T", bound=Hashable)
Row = tuple[Any, ...]
Rows = QuerySet[Any, Any]
Found = tuple[Rows, Sequence[str]]
"""Rows, and the columns of them that are wanted beside the key."""
Assigned = tuple[Rows, Mapping[str, Any]]
"""Rows, and the values that their columns get."""
KEYS_FOR_A_ROW = 10
"""A key takes less than a tenth of the memory of a row."""
MOST = 1_000
"""Statements that are kept: each step has a handful in each mode."""


@dataclass(frozen=True)
class Statement:
    """The text of a statement, its parameters, and what makes values of the columns that it returns."""

    sql: str
    params: tuple[Any, ...]
    converters: tuple[tuple[int, Sequence[Callable[..., Any]], Any], ...] = ()

    @classmethod
    def of(cls, query: Any) -> Self | None:
        """Return the statement of a query, or `None` where it can find nothing."""
        compiler = query.get_compiler(connection=connection)
        try:
            sql, params = compiler.as_sql()
        except EmptyResultSet:
            return None
        columns = [column for column, *_ in compiler.select[: compiler.col_count]] if compiler.select else []
        converters = compiler.get_converters(columns)
        return cls(sql, tuple(params), tuple((place, *how) for place, how in converters.items()))

    def rows(self, scope: Scope) -> list[Row]:
        """Execute it for a scope, and return the rows that it returns."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self._values(scope))
            return [self._converted(row) for row in cursor.fetchall()] if self.converters else cursor.fetchall()

    def count(self, scope: Scope) -> int:
        """Execute it for a scope, and return how many rows it changed."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self._values(scope))
            return int(cursor.rowcount)

    def _values(self, scope: Scope) -> list[Any]:
        return [param.value_for(scope) if isinstance(param, Later) else param for param in self.params]

    def _converted(self, row: Row) -> Row:
        values = list(row)
        for place, converters, expression in self.converters:
            for convert in converters:
                values[place] = convert(values[place], expression, connection)
        return tuple(values)


def select(compose: Callable[[T, AnyScope], Rows], about: T, scope: Scope) -> list[Row]:
    """Return all rows that a query of `values_list` finds."""
    statement = _statement(_selected, compose, about, scope)
    return statement.rows(scope) if statement else []


def pages(compose: Callable[[T, AnyScope], Found], about: T, scope: Scope) -> Iterator[list[Row]]:
    """Yield key and fields of the rows that a query finds, a chunk at a time, in order of the key.

    Most are a handful, which one statement returns. Further ones are composed for the scope.
    """
    return _pages(_first_page, compose, about, scope, scope.chunk)


def pages_of_keys(compose: Callable[[T, AnyScope], Found], about: T, scope: Scope) -> Iterator[list[Row]]:
    """Do the same for keys alone, many at a time."""
    return _pages(_first_keys, compose, about, scope, scope.chunk * KEYS_FOR_A_ROW)


def _pages(
    kind: "Kind", compose: Callable[[T, AnyScope], Found], about: T, scope: Scope, size: int
) -> Iterator[list[Row]]:
    statement = _statement(kind, compose, about, scope)
    batch = statement.rows(scope) if statement else []
    if batch:
        yield batch
    if len(batch) == size:
        rows, fields = compose(about, scope)
        yield from rewrite.pages(rows.filter(pk__gt=batch[-1][0]), fields, size)


def finding(compose: Callable[[T, AnyScope], Rows | None], things: tuple[T, ...], scope: Scope) -> list[T]:
    """Return those of the things whose queries find a row: one statement asks for all of them."""
    statement = _statement(_existing, compose, things, scope)
    ((*answers,),) = statement.rows(scope) if statement else ((),)
    return [thing for thing, is_there in zip(things, answers, strict=True) if is_there]


def delete(compose: Callable[[T, AnyScope], Rows], about: T, scope: Scope) -> int:
    """Delete the rows that a query finds, and nothing else; return how many there were."""
    statement = _statement(_deleted, compose, about, scope)
    return statement.count(scope) if statement else 0


def update(compose: Callable[[T, AnyScope], Assigned], about: T, scope: Scope) -> int:
    """Assign values to columns of the rows that a query finds; return how many there were."""
    statement = _statement(_updated, compose, about, scope)
    return statement.count(scope) if statement else 0


Kind = Callable[[Callable[[Any, AnyScope], Any], Any, AnyScope], Statement | None]


def _statement(kind: Kind, compose: Callable[[Any, AnyScope], Any], about: Hashable, scope: Scope) -> Statement | None:
    features: Any = connection.features
    if scope.template is None:
        return kind(compose, about, scope)
    # Django writes some statements in another way where parameters are bound on the server.
    return _of_template(kind, compose, about, scope.template, getattr(features, "uses_server_side_binding", False))


@lru_cache(MOST)
def _of_template(
    kind: Kind, compose: Callable[[Any, AnyScope], Any], about: Hashable, template: AnyScope, _is_bound: bool
) -> Statement | None:
    return kind(compose, about, template)


def _selected(compose: Callable[[Any, AnyScope], Rows], about: Any, scope: AnyScope) -> Statement | None:
    return Statement.of(compose(about, scope).query)


def _first_page(compose: Callable[[Any, AnyScope], Found], about: Any, scope: AnyScope) -> Statement | None:
    rows, fields = compose(about, scope)
    return Statement.of(rows.order_by("pk").values_list("pk", *fields)[: scope.chunk].query)


def _existing(compose: Callable[[Any, AnyScope], Rows | None], things: Any, scope: AnyScope) -> Statement:
    queries = [compose(thing, scope) for thing in things]
    parts = [None if rows is None else Statement.of(rows.order_by().values_list("pk").query) for rows in queries]
    # For the first row alone (`EXISTS`), PostgreSQL would rather read a table from its beginning than by an index.
    columns = [f"(SELECT COUNT(*) > 0 FROM ({part.sql}) AS found)" if part else "FALSE" for part in parts]  # nosec B608 # Django's own
    return Statement(f"SELECT {', '.join(columns)}", tuple(param for part in parts if part for param in part.params))


def _first_keys(compose: Callable[[Any, AnyScope], Found], about: Any, scope: AnyScope) -> Statement | None:
    rows, _ = compose(about, scope)
    return Statement.of(rows.order_by("pk").values_list("pk")[: scope.chunk * KEYS_FOR_A_ROW].query)


def _deleted(compose: Callable[[Any, AnyScope], Rows], about: Any, scope: AnyScope) -> Statement | None:
    query = compose(about, scope).query.clone()
    query.__class__ = DeleteQuery
    return Statement.of(query)


def _updated(compose: Callable[[Any, AnyScope], Assigned], about: Any, scope: AnyScope) -> Statement | None:
    rows, values = compose(about, scope)
    query = rows.query.chain(UpdateQuery)
    query.add_update_values(values)  # type: ignore[attr-defined] # an UpdateQuery has it
    query.annotations = {}
    return Statement.of(query)

"""Array lookups: many values as one parameter of a query, or the keys that another query returns.

The values may be left open: a statement that is composed once serves for many, each time with other values.

Django's `in` sends one parameter per value; to send and to parse thousands of them takes longer than the change of the
rows. Numbers are sent as one text, because the driver would convert a list item by item.
"""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, CharField, F, Field, ForeignObject, Func, Lookup, Q, QuerySet, Subquery
from django.db.models.sql.compiler import SQLCompiler


@dataclass(frozen=True)
class Later:
    """A parameter whose value is not known when a statement is composed: `value_for` returns it for each execution."""

    value_for: Callable[[Any], Any]

    def then(self, change: Callable[[Any], Any]) -> "Later":
        """Return the parameter whose value is what `change` makes of the value of this one."""
        return Later(lambda source: change(self.value_for(source)))


def in_array(values: Collection[Any] | Later, field: str = "pk") -> Q:
    """Return the condition that a field has one of `values`, in the form in which Django returned them."""
    return Q(**{f"{field}__{_InArray.lookup_name}": values if isinstance(values, Later) else _Values(values)})


def in_query(keys: "QuerySet[Any, Any]", field: str = "pk") -> Q:
    """Return the condition that a field has one of the values of the query `keys`, which the database executes once.

    PostgreSQL turns `IN (subquery)` into a join. With outdated statistics (after a restore or large imports) the join
    executes the subquery for every row, which takes minutes for ten thousand rows, under locks.
    """
    if connections[keys.db].vendor != "postgresql":
        return Q(**{f"{field}__in": keys})
    return Q(
        Func(F(field), _Keys(keys), arg_joiner=" = ANY(ARRAY", template="%(expressions)s)", output_field=BooleanField())
    )


class _Keys(Subquery):
    empty_result_set_value = NotImplemented  # then nothing is asked at all


def array_of(values: Collection[int | str]) -> str:
    """Return the text of a PostgreSQL array of values that need no quotes."""
    return f"{{{','.join(map(str, values))}}}"


class _Values:
    """Values in a class of their own, because Django checks each item of a list."""

    def __init__(self, values: Collection[Any]) -> None:
        self.all = list(values)


@ForeignObject.register_lookup
@Field.register_lookup
class _InArray(Lookup):
    lookup_name = "in_array"

    def get_prep_lookup(self) -> Any:
        return self.rhs

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column, params = self.process_lhs(compiler, connection)
        field = self.lhs.output_field
        # A text is not cut off at the length of the column.
        kind = "text" if isinstance(field, CharField) else field.db_type(connection)
        return f"{column} = ANY(%s::{kind}[])", [*params, self._parameter(partial(self._as_array, connection))]

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column, params = self.process_lhs(compiler, connection)
        values = self._parameter(partial(self._as_json, connection))
        return f"{column} IN (SELECT value FROM json_each(%s))", [*params, values]  # nosec B608

    def _parameter(self, adapt: Callable[[Collection[Any]], Any]) -> Any:
        return self.rhs.then(adapt) if isinstance(self.rhs, Later) else adapt(self.rhs.all)

    def _as_array(self, connection: BaseDatabaseWrapper, values: Collection[Any]) -> Any:
        return array_of(values) if _are_numbers(values) else self._prepared(connection, values)

    def _as_json(self, connection: BaseDatabaseWrapper, values: Collection[Any]) -> str:
        return json.dumps(list(values) if _are_numbers(values) else self._prepared(connection, values))

    def _prepared(self, connection: BaseDatabaseWrapper, values: Collection[Any]) -> list[Any]:
        field = self.lhs.output_field
        return [field.get_db_prep_value(value, connection) for value in values]


def _are_numbers(values: Collection[Any]) -> bool:
    return all(isinstance(value, int) for value in values)

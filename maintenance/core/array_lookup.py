"""Array lookups: many values as one parameter of a query, or the keys that another query returns.

Django's `in` sends one parameter per value; to send and to parse thousands of them takes longer than the change of the
rows. Numbers are sent as one text, because the driver would convert a list item by item.
"""

import json
from collections.abc import Collection
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F, Field, Func, Lookup, Q, QuerySet, Subquery
from django.db.models.sql.compiler import SQLCompiler


def in_array(values: Collection[Any], field: str = "pk") -> Q:
    """Return the condition that a field has one of `values`, in the form in which Django returned them."""
    return Q(**{f"{field}__{_InArray.lookup_name}": _Values(values)})


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
        self.are_numbers = all(isinstance(value, int) for value in self.all)


@Field.register_lookup
class _InArray(Lookup):
    lookup_name = "in_array"

    def get_prep_lookup(self) -> Any:
        return self.rhs

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column, params = self.process_lhs(compiler, connection)
        values = array_of(self.rhs.all) if self.rhs.are_numbers else self._prepared(connection)
        return f"{column} = ANY(%s::{self.lhs.output_field.db_type(connection)}[])", [*params, values]

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column, params = self.process_lhs(compiler, connection)
        values = self.rhs.all if self.rhs.are_numbers else self._prepared(connection)
        return f"{column} IN (SELECT value FROM json_each(%s))", [*params, json.dumps(values)]  # nosec B608

    def _prepared(self, connection: BaseDatabaseWrapper) -> list[Any]:
        field = self.lhs.output_field
        return [field.get_db_prep_value(value, connection) for value in self.rhs.all]

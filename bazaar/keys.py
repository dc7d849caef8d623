"""Many values in one query, as one parameter.

Django's `in` gives each value a parameter of its own, which takes longer to write down and to read than thousands of
rows take to change.
"""

import json
from collections.abc import Collection
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Lookup, Q
from django.db.models.sql.compiler import SQLCompiler


def among(values: Collection[Any], field: str = "pk") -> Q:
    """Return the condition that a field has one of `values`, which are numbers or text, as the database gave them."""
    return Q(**{f"{field}__{_Among.lookup_name}": list(values)})


@Field.register_lookup
class _Among(Lookup):
    lookup_name = "among"

    def get_prep_lookup(self) -> Any:
        return self.rhs

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s::{self.lhs.output_field.db_type(connection)}[])", [*params, self.rhs]

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} IN (SELECT value FROM json_each(%s))", [*params, json.dumps(self.rhs)]

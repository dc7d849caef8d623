"""Rows that Python reads, changes and writes: one statement to read a chunk, one to write it."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connections
from django.db.models import Field, JSONField, Model, QuerySet
from django.db.models.expressions import Combinable

from bazaar.redaction.addresses import REMOVED

Row = tuple[Any, ...]
NewValues = Callable[[datetime | None, list[Any]], list[Any]]
"""Gives the new values of a row, from the time when it was made and its old values."""


def pages(rows: QuerySet[Any], fields: Sequence[str], chunk: int) -> Iterator[list[Row]]:
    """Yield all rows, `chunk` at a time, as tuples of primary key and fields; every row once, in order of the key."""
    last = None
    while True:
        page = rows if last is None else rows.filter(pk__gt=last)
        batch: list[Row] = list(page.order_by("pk").values_list("pk", *fields)[:chunk])
        if batch:
            yield batch
        if len(batch) < chunk:
            return
        last = batch[-1][0]


def changes(batch: list[Row], fields: Sequence[Any], new: NewValues) -> list[Row]:
    """Return the rows of `batch` that `new` would change, with their new values.

    The second column of a row is the time when it was made. A value that must be unique gets the row's key.
    """
    result = []
    for pk, made, *old in batch:
        values = new(made, old)
        if values != old:
            result.append((pk, *map(partial(_made_unique, pk), fields, old, values)))
    return result


def _made_unique(pk: Any, field: "Field[Any, Any]", old: Any, new: Any) -> Any:
    return new.replace(REMOVED, f"{REMOVED[:-1]}-{pk}]") if field.unique and new != old else new


def rewrite(batches: Iterable[list[Row]], model: type[Model], names: Sequence[str], new: NewValues) -> int:
    """Write the new values of the columns `names` in the rows that `new` changes, and return how many these are.

    A row has its key, its time, and the columns.
    """
    fields = [model._meta.get_field(name) for name in names]
    count = 0
    for batch in batches:
        if changed := changes(batch, fields, new):
            _write(model, fields, changed)
            count += len(changed)
    return count


def timed(rows: QuerySet[Any], made: Combinable) -> QuerySet[Any]:
    """Return the rows with a column `made`, which is null where their time does not matter."""
    dated: QuerySet[Any] = rows.annotate(made=made)
    return dated


def _write(model: type[Model], fields: Sequence[Any], rows: list[Row], using: str = "default") -> None:
    """Write `rows` by one statement with one parameter, however many they are."""
    connection = connections[using]
    quote = connection.ops.quote_name
    pk = model._meta.pk
    values = json.dumps([[key, *map(_as_text, fields, new)] for key, *new in rows])
    if connection.vendor == "postgresql":
        source = "jsonb_array_elements(%s::jsonb)"
        columns = [(field, f"(v.value->>{i})::{field.db_type(connection)}") for i, field in enumerate([pk, *fields])]
    else:
        source = "json_each(%s)"
        columns = [(field, f"json_extract(v.value, '$[{i}]')") for i, field in enumerate([pk, *fields])]
    (_, key), *new = ((quote(str(field.column)), value) for field, value in columns)
    assignments = ", ".join(f"{column} = {value}" for column, value in new)
    table, key_column = quote(model._meta.db_table), quote(str(pk.column))
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} AS t SET {assignments} FROM {source} AS v WHERE t.{key_column} = {key}",  # nosec B608
            [values],
        )


def _as_text(field: "Field[Any, Any]", value: Any) -> Any:
    if isinstance(field, JSONField):
        return json.dumps(value, cls=field.encoder)
    return value[: field.max_length] if isinstance(value, str) and field.max_length else value

"""Rows that Python reads, changes and writes: one statement to read a chunk, one to write it."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.db import connections
from django.db.models import Field, JSONField, Model, QuerySet

Row = tuple[Any, ...]


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


def changes(batch: list[Row], values: Sequence[Callable[[Any], Any]]) -> list[Row]:
    """Return the rows of `batch` that `values`, a function for each field, would change, with their new values."""
    result = []
    for pk, *old in batch:
        new = [value(item) for value, item in zip(values, old, strict=True)]
        if new != old:
            result.append((pk, *new))
    return result


def rewrite(rows: QuerySet[Any], values: Mapping[str, Callable[[Any], Any]], chunk: int) -> int:
    """Write the new values of the rows that `values` changes, and return how many these are.

    The rows are locked as they are read, so that nobody's edit in between is undone.
    """
    fields = [rows.model._meta.get_field(name) for name in values]
    count = 0
    for batch in pages(rows.select_for_update(), list(values), chunk):
        if changed := changes(batch, list(values.values())):
            _write(rows.model, fields, changed, rows.db)
            count += len(changed)
    return count


def _write(model: type[Model], fields: Sequence[Any], rows: list[Row], using: str) -> None:
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
            f"UPDATE {table} AS t SET {assignments} FROM {source} AS v WHERE t.{key_column} = {key}", [values]
        )


def _as_text(field: "Field[Any, Any]", value: Any) -> Any:
    if isinstance(field, JSONField):
        return json.dumps(value, cls=field.encoder)
    return value[: field.max_length] if isinstance(value, str) and field.max_length else value

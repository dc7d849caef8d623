"""The latest row of each kind, found by one look-up in an index each: to group a table is to read all of it."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet, Subquery


def is_latest(rows: QuerySet[Any], field: str, values: Iterable[Any]) -> Q:
    """Return the condition that a row is the one with the largest key among those of `rows` with its value of a field.

    Rows with other values than `values` do not meet it.
    """
    keys = [Subquery(rows.filter(**{field: value}).order_by("-pk").values("pk")[:1]) for value in values]
    return Q(pk__in=keys)

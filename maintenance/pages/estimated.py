"""Lists of large tables: counting all rows of a table takes longer than anybody waits."""

import json
from typing import Any

from django.core.paginator import Paginator
from django.db import connections
from django.utils.functional import cached_property

COUNTED = 500
"""A list of more rows shows an estimate of their number."""


class EstimatingPaginator(Paginator):  # type: ignore[type-arg] # not generic at run time
    """Pages whose number is exact up to `COUNTED` rows, and above that the estimate of PostgreSQL's planner."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        if connections[rows.db].vendor != "postgresql":
            return int(rows.count())
        rows = rows.order_by()
        counted: int = rows[: COUNTED + 1].count()
        return counted if counted <= COUNTED else max(counted, _estimate(rows))


def _estimate(rows: Any) -> int:
    """Return how many rows the planner expects a query to return."""
    [plan] = json.loads(rows.explain(format="json"))
    return int(plan["Plan"]["Plan Rows"])

"""How much is past each age limit, and how old it is: one statement, however many limits there are."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F
from django.utils.dateparse import parse_datetime

from maintenance.core.job import Job, Measure, Stage
from maintenance.core.retention import Retention

Limits = Sequence[tuple[Job, Retention]]

NOTHING = Measure(0)


def measure_all(limits: Limits, now: datetime) -> list[Measure]:
    """Return for each limit how much is past it at `now`: `Job.measure`, taken apart. Raises `InvalidRetention`."""
    parts = []
    for place, (job, limit) in enumerate(limits):
        stages = (stage for stage in job.stages(now) if stage.is_counted and job.retention_of(stage) is limit)
        parts += [part for stage in stages if (part := _part(place, stage, limit))]
    measures = [NOTHING] * len(limits)
    for place, due, oldest, newest in _ask(parts):
        measures[place] += Measure(due, _moment(oldest), _moment(newest))
    return measures


def _part(place: int, stage: Stage[Any], limit: Retention) -> tuple[str, tuple[Any, ...]] | None:
    rows = stage.due.order_by().annotate(measured_at=F(limit.field)).values("pk", "measured_at")
    try:
        sql, params = rows.query.sql_with_params()
    except EmptyResultSet:
        return None
    return f"SELECT {place}, COUNT(*), MIN(measured_at), MAX(measured_at) FROM ({sql}) part", params


def _ask(parts: list[tuple[str, tuple[Any, ...]]]) -> list[tuple[int, int, Any, Any]]:
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(sql for sql, _ in parts), [value for _, params in parts for value in params])
        return cursor.fetchall()  # type: ignore[no-any-return]


def _moment(value: datetime | str | None) -> datetime | None:
    """Return a time as Django does; SQLite has none of its own, and answers with text."""
    moment = parse_datetime(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment

"""The backlog: the only place that counts due units, exactly, up to a number, or only whether there is any."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, F, Max, Min, QuerySet

from maintenance.core import holds
from maintenance.core.clock import moment_of
from maintenance.core.database import is_postgresql
from maintenance.core.job import Job
from maintenance.core.retention import Retention
from maintenance.core.stages import Stage

Statement = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True)
class Backlog:
    """The number of due units, and the times of the oldest and the newest where there is an age limit."""

    due: int = 0
    oldest: datetime | None = None
    newest: datetime | None = None

    def __add__(self, other: "Backlog") -> "Backlog":
        return Backlog(
            self.due + other.due,
            min((b.oldest for b in (self, other) if b.oldest), default=None),
            max((b.newest for b in (self, other) if b.newest), default=None),
        )


def counted_stages(job: Job, now: datetime, *, has_holds: bool) -> list[Stage[Any]]:
    """Return the stages whose rows are units of the job. Raises `InvalidRetention`."""
    stages = holds.stages_of(job, now) if has_holds else job.stages(now)
    return [stage for stage in stages if stage.is_counted]


def of_job(job: Job, now: datetime) -> Backlog:
    """Count the due units of a job at `now` exactly, without its files. Raises `InvalidRetention`."""
    return sum(by_limit(job, now).values(), Backlog())


def by_limit(job: Job, now: datetime) -> dict[str, Backlog]:
    """Count the same by the settings of the age limits; units without a limit have a blank one."""
    backlogs: dict[str, Backlog] = {}
    for stage in counted_stages(job, now, has_holds=holds.exist()):
        name = job.limit_name(stage)
        backlogs[name] = backlogs.get(name, Backlog()) + _of_stage(stage, job.retention_of(stage))
    return backlogs


def of_limits(limits: Sequence[tuple[Job, Retention]], now: datetime) -> list[Backlog]:
    """Count the units past each age limit at `now` exactly, in one statement. Raises `InvalidRetention`."""
    parts, has_holds = [], bool(limits) and holds.exist()
    for place, (job, limit) in enumerate(limits):
        stages = (stage for stage in counted_stages(job, now, has_holds=has_holds) if job.retention_of(stage) is limit)
        parts += [part for stage in stages if (part := _part(place, stage, limit))]
    backlogs = [Backlog()] * len(limits)
    for place, due, oldest, newest in fetch(" UNION ALL ".join(sql for sql, _ in parts), parts):
        backlogs[place] += Backlog(due, oldest and moment_of(oldest), newest and moment_of(newest))
    return backlogs


def up_to(most: int, jobs: Sequence[Job], now: datetime) -> dict[str, int]:
    """Count the due units of some jobs at `now`, each up to `most`, in one statement. Raises `InvalidRetention`."""
    return _up_to(most, [(job, now) for job in jobs])


def with_any(moments: Sequence[tuple[Job, datetime]]) -> list[Job]:
    """Return those of some jobs that have due units, each at a moment of its own. Raises `InvalidRetention`."""
    due = _up_to(1, moments)
    return [job for job, _ in moments if due[job.name]]


def _up_to(most: int, moments: Sequence[tuple[Job, datetime]]) -> dict[str, int]:
    names, has_holds = [job.name for job, _ in moments], bool(moments) and holds.exist()
    rows = [
        (place, statement_of(stage.due.order_by().values("pk")))
        for place, (job, now) in enumerate(moments)
        for stage in counted_stages(job, now, has_holds=has_holds)
    ]
    parts = [_limited_part(place, most, statement) for place, statement in rows if statement]
    due = dict.fromkeys(names, 0)
    for place, figure in fetch(" UNION ALL ".join(sql for sql, _ in parts), parts):
        due[names[place]] = min(most, due[names[place]] + figure)
    return due


def _of_stage(stage: Stage[Any], retention: Retention | None) -> Backlog:
    figures: dict[str, Any] = {"due": Count("*")}
    if retention:
        figures |= {"oldest": Min(retention.field), "newest": Max(retention.field)}
    return Backlog(**stage.due.order_by().aggregate(**figures))


def _limited_part(place: int, most: int, statement: Statement) -> Statement:
    """Return the statement that counts due units up to `most`.

    PostgreSQL plans for a few rows as if the due ones lay everywhere in the table, and reads all of it where there are
    none. It plans a materialised part for all of its rows, and reads no more of them than the limit asks for.
    """
    sql, params = statement
    # The parts are statements of Django.
    rows = f"WITH due AS MATERIALIZED ({sql}) SELECT 1 FROM due" if is_postgresql() else sql  # nosec B608
    return f"SELECT {place}, COUNT(*) FROM ({rows} LIMIT {most}) part", params  # statements of Django # nosec B608


def _part(place: int, stage: Stage[Any], limit: Retention) -> Statement | None:
    rows = stage.due.order_by().annotate(backlog_at=F(limit.field)).values("pk", "backlog_at")
    if (statement := statement_of(rows)) is None:
        return None
    sql, params = statement
    return f"SELECT {place}, COUNT(*), MIN(backlog_at), MAX(backlog_at) FROM ({sql}) part", params  # nosec B608


def statement_of(rows: QuerySet[Any, Any]) -> Statement | None:
    """Return a query as SQL; `None` where Django knows that it returns no rows."""
    try:
        sql, params = rows.query.sql_with_params()
    except EmptyResultSet:
        return None
    return sql, params


def fetch(sql: str, parts: Sequence[Statement]) -> list[tuple[Any, ...]]:
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for _, params in parts for value in params])
        return list(cursor.fetchall())

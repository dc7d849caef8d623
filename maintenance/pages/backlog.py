"""How much is due right now: counted seldom, counted up to a limit, and told with its age.

Counting what is past a limit can take long on big tables, and the pages are looked at all the time. So one query counts
all jobs, each up to `MOST`, and what it found is kept in the cache for `FRESH`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

from maintenance.core import registry
from maintenance.core.database import is_postgresql, milliseconds
from maintenance.core.errors import InvalidRetention
from maintenance.core.job import Job

KEY = "maintenance.pages.backlog"
LIMITS_KEY = "maintenance.pages.retention"
"""Where the page of the age limits keeps what it has counted, one by one."""
FRESH = timedelta(minutes=5)
MOST = 10_000
"""Nobody needs to know on these pages how many more there are."""
PATIENCE = timedelta(seconds=1)
"""So long may counting take; where it takes longer, the pages do without."""


@dataclass(frozen=True)
class Backlog:
    """How many items of each job are due, as counted at `at`. A figure of `MOST` stands for that many or more."""

    at: datetime
    due: Mapping[str, int]

    def of(self, name: str) -> int | None:
        """Return the figure of one job; `None` where it was not counted."""
        return self.due.get(name)


def backlog(now: datetime) -> Backlog:
    """Return what is due, counted no longer than `FRESH` ago."""
    kept = cache.get(KEY)
    if kept and timedelta(0) <= now - kept["at"] < FRESH:
        return Backlog(**kept)
    counted: dict[str, Any] = {"at": now, "due": _count(now)}
    cache.set(KEY, counted, FRESH.total_seconds())
    return Backlog(**counted)


def forget() -> None:
    """Let the next look count afresh, because a run was asked for."""
    cache.delete_many([KEY, LIMITS_KEY])


@contextmanager
def patiently(patience: timedelta) -> Iterator[None]:
    """Let no statement take longer than that; one that does raises `OperationalError`. SQLite takes its time."""
    with transaction.atomic():
        if is_postgresql():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = '{milliseconds(patience)}'")
        yield


def _count(now: datetime) -> dict[str, int]:
    counted = [(job.name, *_statement(query)) for job in registry.all_jobs() for query in _due(job, now)]
    if not counted:
        return {}
    columns = ", ".join(f"(SELECT COUNT(*) FROM ({sql}) part)" for _, sql, _ in counted)
    params = [value for _, _, values in counted for value in values]
    try:
        with patiently(PATIENCE), connection.cursor() as cursor:
            cursor.execute(f"SELECT {columns}", params)
            figures = cursor.fetchone()
    except OperationalError:
        return {}
    due: dict[str, int] = {}
    for (name, _, _), figure in zip(counted, figures, strict=True):
        due[name] = min(MOST, due.get(name, 0) + figure)
    return due


def _due(job: Job, now: datetime) -> Iterator[QuerySet[Any]]:
    """Yield what is due in the passes of a job that destroys something; the others are looked for, not counted."""
    if not job.irreversible:
        return
    try:
        stages = job.stages(now)
    except InvalidRetention:
        return  # a system check tells it, and no job runs
    yield from (stage.due for stage in stages if stage.is_counted)


def _statement(due: QuerySet[Any]) -> tuple[str, tuple[Any, ...]]:
    try:
        sql, params = due.order_by().values("pk")[:MOST].query.sql_with_params()
    except EmptyResultSet:
        return "SELECT 1 WHERE 1 = 0", ()
    return sql, params

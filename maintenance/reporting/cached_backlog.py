"""How much is due, from the cache: pages are viewed often, and counting on large tables is slow.

`maintenance.core.backlog` counts. What it counted is cached for `FRESH`, and shown with its age. A statement that takes
too long is cancelled, and then the figures are unknown.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import OperationalError

from maintenance.core import backlog, registry
from maintenance.core.database import statement_limit
from maintenance.core.errors import InvalidRetention
from maintenance.core.job import Job
from maintenance.models import JobRun
from maintenance.reporting.status import JobStatistics, RetentionStatus, get_retention

FRESH = timedelta(minutes=5)
JOBS_KEY = "maintenance:due"
LIMITS_KEY = "maintenance:past-limits"
MOST = 10_000
"""The figures of jobs are counted up to this number."""
JOBS_WITHIN = timedelta(seconds=1)
LIMITS_WITHIN = timedelta(seconds=5)
"""A statement that takes longer is cancelled."""


@dataclass(frozen=True)
class CachedBacklog:
    """The number of due items by job, counted at `at`. A figure of `MOST` stands for that many or more."""

    at: datetime
    due: Mapping[str, int]

    def of(self, name: str) -> int | None:
        """Return the figure of one job; `None` where it is unknown."""
        return self.due.get(name)


@dataclass(frozen=True)
class CachedRetention:
    """The exact number of records past each age limit, counted at `at`; `None` where it is unknown."""

    at: datetime
    limits: list[RetentionStatus] | None


def of_jobs(now: datetime, latest: Iterable[JobRun] = ()) -> CachedBacklog:
    """Return the number of due items of each irreversible job, counted after the end of the `latest` runs."""
    if cached := _cached(JOBS_KEY, now, latest):
        return CachedBacklog(**cached)
    counted: dict[str, Any] = {"at": now, "due": _count_jobs(now)}
    cache.set(JOBS_KEY, counted, FRESH.total_seconds())
    return CachedBacklog(**counted)


def count(job: Job, now: datetime) -> int | None:
    """Return the number of due items of one job now, up to `MOST`; `None` where it is unknown."""
    return _count([job], now).get(job.name)


def of_limits(
    jobs: Sequence[Job], statistics: JobStatistics, now: datetime, latest: Iterable[JobRun]
) -> CachedRetention:
    """Return the number of records past each age limit of `jobs`, counted after the end of the `latest` runs."""
    if cached := _cached(LIMITS_KEY, now, latest):
        limits = cached["limits"]
        return CachedRetention(cached["at"], limits and [RetentionStatus(**limit) for limit in limits])
    counted = _count_limits(jobs, statistics)
    values = {"at": now, "limits": None if counted is None else [asdict(limit) for limit in counted]}
    cache.set(LIMITS_KEY, values, FRESH.total_seconds())
    return CachedRetention(now, counted)


def forget() -> None:
    """Clear the cache, because a run was requested: the next page counts again."""
    cache.delete_many([JOBS_KEY, LIMITS_KEY])


def _cached(key: str, now: datetime, latest: Iterable[JobRun]) -> dict[str, Any] | None:
    cached: dict[str, Any] | None = cache.get(key)
    if not cached or not timedelta(0) <= now - cached["at"] < FRESH:
        return None
    has_changed = any(run.finished_at and run.finished_at >= cached["at"] for run in latest)
    return None if has_changed else cached


def _count_jobs(now: datetime) -> dict[str, int]:
    return _count([job for job in registry.all_jobs() if job.irreversible], now)


def _count(jobs: Iterable[Job], now: datetime) -> dict[str, int]:
    try:
        with statement_limit(JOBS_WITHIN):
            return backlog.up_to(MOST, [job for job in jobs if _has_valid_limits(job)], now)
    except OperationalError:
        return {}


def _count_limits(jobs: Sequence[Job], statistics: JobStatistics) -> list[RetentionStatus] | None:
    try:
        with statement_limit(LIMITS_WITHIN):
            return get_retention(jobs, statistics)
    except OperationalError:
        return None


def _has_valid_limits(job: Job) -> bool:
    """Whether the stages of a job can be built; a system check reports an invalid age limit."""
    try:
        return all(limit.limit for limit in job.retentions)
    except InvalidRetention:
        return False

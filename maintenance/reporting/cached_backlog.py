"""How much is due right now: counted seldom, counted up to a limit, and told with its age.

Counting what is past a limit can take long on big tables, and the pages are looked at all the time. So one query counts
all jobs, each up to `MOST`, and what it found is kept in the cache for `FRESH`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import OperationalError

from maintenance.core import backlog, registry
from maintenance.core.database import statement_limit
from maintenance.core.errors import InvalidRetention
from maintenance.core.job import Job

KEY = "maintenance:due"
LIMITS_KEY = "maintenance:past-limits"
"""Where the page of the age limits keeps what it has counted, one by one."""
FRESH = timedelta(minutes=5)
MOST = 10_000
"""Nobody needs to know on these pages how many more there are."""
PATIENCE = timedelta(seconds=1)
"""So long may counting take; where it takes longer, the pages do without."""


@dataclass(frozen=True)
class CachedBacklog:
    """How many items of each job are due, as counted at `at`. A figure of `MOST` stands for that many or more."""

    at: datetime
    due: Mapping[str, int]

    def of(self, name: str) -> int | None:
        """Return the figure of one job; `None` where it was not counted."""
        return self.due.get(name)


def read(now: datetime) -> CachedBacklog:
    """Return what is due, counted no longer than `FRESH` ago."""
    kept = cache.get(KEY)
    if kept and timedelta(0) <= now - kept["at"] < FRESH:
        return CachedBacklog(**kept)
    counted: dict[str, Any] = {"at": now, "due": _count(now)}
    cache.set(KEY, counted, FRESH.total_seconds())
    return CachedBacklog(**counted)


def forget() -> None:
    """Let the next look count afresh, because a run was asked for."""
    cache.delete_many([KEY, LIMITS_KEY])


def _count(now: datetime) -> dict[str, int]:
    jobs = [job for job in registry.all_jobs() if job.irreversible and _has_valid_limits(job, now)]
    try:
        with statement_limit(PATIENCE):
            return backlog.up_to(MOST, jobs, now)
    except OperationalError:
        return {}


def _has_valid_limits(job: Job, now: datetime) -> bool:
    """Tell whether the stages of a job can be built; an invalid age limit is told by a system check."""
    try:
        job.stages(now)
    except InvalidRetention:
        return False
    return True

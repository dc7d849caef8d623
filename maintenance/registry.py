"""The jobs that there are.

They stand in the package that the setting `MAINTENANCE_JOBS` names: its `JOBS` lists the job classes, and its
`record_in_audit_trail` keeps the trail of runs that changed something. The engine knows nothing else of it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from django.conf import settings

from maintenance import cron
from maintenance.errors import InvalidJob, UnknownJob
from maintenance.job import Job


class AuditTrail(Protocol):
    """Writes or updates the one audit entry of a run, inside the batch's transaction."""

    def __call__(self, *, job: str, run_id: int, now: datetime, counts: Mapping[str, int]) -> None: ...


_jobs: dict[str, Job] = {}


def register(job: Job) -> Job:
    """Add a job; raises `InvalidJob` for a name that is taken and `InvalidCron` for a bad expression."""
    load()
    return _add(job)


def _add(job: Job) -> Job:
    if job.name in _jobs:
        raise InvalidJob(f"There is a job '{job.name}' already ({type(_jobs[job.name]).__qualname__}).")
    cron.normalise(job.schedule)
    _jobs[job.name] = job
    return job


def unregister(name: str) -> None:
    """Forget a job (tests register jobs of their own)."""
    _jobs.pop(name, None)


def get(name: str) -> Job:
    """Return a job by its name; raises `UnknownJob`, which names those that there are."""
    load()
    try:
        return _jobs[name]
    except KeyError:
        raise UnknownJob(name, _jobs) from None


def all_jobs() -> list[Job]:
    """Return all jobs in the order in which they are listed."""
    load()
    return list(_jobs.values())


@cache
def load() -> AuditTrail:
    """Import the jobs' package and register its jobs, once; return its audit trail."""
    package = import_module(settings.MAINTENANCE_JOBS)
    for job_class in cast("list[Callable[[], Job]]", package.JOBS):
        _add(job_class())
    return cast("AuditTrail", package.record_in_audit_trail)

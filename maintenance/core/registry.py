"""The jobs that there are.

They stand in the package that the setting `MAINTENANCE_JOBS` names: its `JOBS` says for each name where the class is,
and its `record_in_audit_trail`, if any, keeps the trail of runs that changed something. The engine knows nothing else
of it.
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from django.utils.module_loading import import_string

from maintenance.conf import settings
from maintenance.core import cron
from maintenance.core.errors import BrokenJob, InvalidJob, MaintenanceError, UnknownJob, summary_of
from maintenance.core.job import Job

logger = logging.getLogger(__name__)


class AuditTrail(Protocol):
    """Writes or updates the one audit entry of a run, inside the batch's transaction."""

    def __call__(self, *, job: str, run_id: int, now: datetime, counts: Mapping[str, int]) -> None: ...


def keep_no_trail(*, job: str, run_id: int, now: datetime, counts: Mapping[str, int]) -> None:
    """Keep no audit trail: what a project does that has none."""
    del job, run_id, now, counts


_jobs: dict[str, Job] = {}
_broken: dict[str, str] = {}


def register(job: Job) -> Job:
    """Add a job; raises `InvalidJob` for a name that is taken and `InvalidCron` for a bad expression."""
    load()
    return _add(job)


def _add(job: Job) -> Job:
    if job.name in _jobs:
        raise InvalidJob(f"There is a job '{job.name}' already ({type(_jobs[job.name]).__qualname__}).")
    if not getattr(job, "description", ""):
        raise InvalidJob(f"The job '{job.name}' has no description.")
    cron.normalise(job.schedule)
    _jobs[job.name] = job
    return job


def unregister(name: str) -> None:
    """Forget a job (tests register jobs of their own)."""
    _jobs.pop(name, None)


def get(name: str) -> Job:
    """Return a job by its name; raises `UnknownJob`, which names those that there are, and `BrokenJob`."""
    load()
    if name in _broken:
        raise BrokenJob(name, _broken[name])
    if name not in _jobs:
        raise UnknownJob(name, [*_jobs, *_broken])
    return _jobs[name]


def all_jobs() -> list[Job]:
    """Return all jobs in the order in which they are listed."""
    load()
    return list(_jobs.values())


def broken() -> dict[str, str]:
    """Return the names of the jobs that cannot be loaded, and why."""
    load()
    return dict(_broken)


@cache
def load() -> AuditTrail:
    """Import the jobs' package and register its jobs, once; return its audit trail."""
    if not settings.MAINTENANCE_JOBS:
        return keep_no_trail
    package = import_module(settings.MAINTENANCE_JOBS)
    for name, path in cast("dict[str, str]", package.JOBS).items():
        try:
            _add(_make(name, f"{package.__name__}.{path}"))
        except Exception as error:
            _broken[name] = str(error) if isinstance(error, MaintenanceError) else summary_of(error)
            logger.exception("The job %s cannot be loaded.", name)
    return cast("AuditTrail", getattr(package, "record_in_audit_trail", keep_no_trail))


def _make(name: str, path: str) -> Job:
    job: Job = import_string(path)()
    if job.name != name:
        raise InvalidJob(f"The job '{name}' calls itself '{job.name}'.")
    return job

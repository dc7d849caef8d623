"""The registry of jobs: each module of the `jobs` package of an installed app may define one.

A job is found by its class, so a new job is a new file. A module that cannot be imported disables its own job only:
`broken` returns its name and the reason.
"""

import logging
import pkgutil
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from inspect import isabstract
from types import ModuleType
from typing import Protocol

from django.apps import apps
from django.utils.module_loading import import_string

from maintenance.conf import settings
from maintenance.core import cron
from maintenance.core.errors import BrokenJob, InvalidJob, MaintenanceError, UnknownJob, summary_of
from maintenance.core.job import Job
from maintenance.core.retention import Retention

logger = logging.getLogger(__name__)

SUNDAY = datetime(2023, 1, 1)  # noqa: DTZ001 - any Sunday, to sort schedules by
LISTED_LAST = datetime.max  # noqa: DTZ901


class AuditTrail(Protocol):
    """Writes or updates the one audit entry of a run, inside the batch's transaction."""

    def __call__(self, *, job: str, run_id: int, now: datetime, counts: Mapping[str, int]) -> None: ...


_jobs: dict[str, Job] = {}
_broken: dict[str, str] = {}


def register(job: Job) -> Job:
    """Add a job; raises `InvalidJob` for a name that is taken and `InvalidCron` for a bad expression."""
    load()
    return _add(job)


def unregister(name: str) -> None:
    """Remove a job (tests register jobs of their own)."""
    _jobs.pop(name, None)


def get(name: str) -> Job:
    """Return a job by its name; raises `UnknownJob`, with the names of all jobs, and `BrokenJob`."""
    load()
    if name in _broken:
        raise BrokenJob(name, _broken[name])
    if name not in _jobs:
        raise UnknownJob(name, names())
    return _jobs[name]


def find(name: str) -> Job | None:
    """Return a job by its name; `None` where there is none, or it cannot be loaded."""
    load()
    return _jobs.get(name)


def is_irreversible(name: str) -> bool:
    """Return whether what a job does cannot be undone; a job that cannot be loaded does nothing."""
    job = find(name)
    return bool(job and job.irreversible)


def names() -> list[str]:
    """Return the names of all jobs as they are listed, those that cannot be loaded last."""
    return [*(job.name for job in all_jobs()), *broken()]


def all_jobs() -> list[Job]:
    """Return all jobs in the order of their own schedules, from Sunday on."""
    load()
    return sorted(_jobs.values(), key=_place)


def broken() -> dict[str, str]:
    """Return the names of the jobs that cannot be loaded, with the reasons."""
    load()
    return dict(_broken)


def age_limits() -> dict[str, Retention]:
    """Return the age limits of all jobs by their settings."""
    return {limit.setting: limit for job in all_jobs() for limit in job.retentions}


@cache
def audit_trail() -> AuditTrail:
    """Return the hook that the setting `MAINTENANCE_AUDIT_TRAIL` names; without it, one that does nothing."""
    path = settings.MAINTENANCE_AUDIT_TRAIL
    hook: AuditTrail = import_string(path) if path else no_audit_trail
    return hook


def no_audit_trail(*, job: str, run_id: int, now: datetime, counts: Mapping[str, int]) -> None:
    """Record nothing."""


@cache
def load() -> None:
    """Import the modules of jobs of all installed apps and register what they define, once."""
    for module_name in _job_modules():
        name = module_name.rpartition(".")[2].replace("_", "-")
        try:
            for job_class in _jobs_in(import_module(module_name)):
                name = getattr(job_class, "name", name)
                _add(job_class())
        except Exception as error:
            _broken[name] = str(error) if isinstance(error, MaintenanceError) else summary_of(error)
            logger.exception("The job %s cannot be loaded.", name)


def _job_modules() -> Iterator[str]:
    """Yield the modules in the `jobs` packages of the installed apps; a leading underscore marks a helper."""
    for config in apps.get_app_configs():
        package = f"{config.name}.jobs"
        try:
            spec = find_spec(package)
        except ModuleNotFoundError:  # the app is a class in a module of another package
            continue
        for found in pkgutil.iter_modules(spec.submodule_search_locations if spec else None or []):
            if not found.ispkg and not found.name.startswith("_"):
                yield f"{package}.{found.name}"


def _jobs_in(module: ModuleType) -> list[type[Job]]:
    """Return the jobs that a module defines itself, without imported and abstract ones."""
    classes = [value for value in vars(module).values() if isinstance(value, type) and issubclass(value, Job)]
    return [found for found in classes if found.__module__ == module.__name__ and not isabstract(found)]


def _add(job: Job) -> Job:
    if job.name in _jobs:
        raise InvalidJob(f"There is a job '{job.name}' already ({type(_jobs[job.name]).__qualname__}).")
    if not getattr(job, "description", ""):
        raise InvalidJob(f"The job '{job.name}' has no description.")
    cron.normalise(job.schedule)
    _jobs[job.name] = job
    return job


def _place(job: Job) -> tuple[datetime, str]:
    return _time_on_sunday(job.schedule), job.name


@cache
def _time_on_sunday(schedule: str) -> datetime:
    times = cron.next_times(cron.normalise(schedule), SUNDAY, 1)
    first = times[0] if times else LISTED_LAST
    return datetime.combine(SUNDAY, first.time())

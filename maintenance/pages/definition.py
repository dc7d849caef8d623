"""The definition of a job in its code: description, models, age limits and command."""

from dataclasses import dataclass
from datetime import datetime

from maintenance.conf import settings
from maintenance.core import registry
from maintenance.core.errors import InvalidRetention
from maintenance.core.job import Job


@dataclass(frozen=True)
class Limit:
    """An age limit: its setting, its value, and its cutoff; `None` where the setting is invalid."""

    setting: str
    words: str
    cutoff: datetime | None


@dataclass(frozen=True)
class Definition:
    """`models` are those of the job's stages. A job may change further models; then its text says so."""

    text: str
    models: list[str]
    limits: list[Limit]
    command: str
    is_irreversible: bool
    excludes: list[str]
    budget: float


def definition_of(name: str, now: datetime) -> Definition | None:
    """Return the definition of a job; `None` where the job cannot be loaded."""
    job = registry.find(name)
    if job is None:
        return None
    excludes = {other.name for other in registry.all_jobs() if job.name in other.excludes}
    return Definition(
        text=f"{job.description}\n\n{job.about}".rstrip(),
        models=_models(job, now),
        limits=_limits(job, now),
        command=job.command,
        is_irreversible=job.irreversible,
        excludes=sorted(excludes | set(job.excludes)),
        budget=settings.MAINTENANCE_TIME_BUDGET,
    )


def _models(job: Job, now: datetime) -> list[str]:
    try:
        models = [stage.due.model._meta for stage in job.stages(now)]
    except InvalidRetention:
        return []
    return list(dict.fromkeys(f"{meta.verbose_name_plural} ({meta.label})" for meta in models))


def _limits(job: Job, now: datetime) -> list[Limit]:
    limits = []
    for retention in job.retentions:
        try:
            limits.append(Limit(retention.setting, str(retention), retention.cutoff(now)))
        except InvalidRetention as error:
            limits.append(Limit(retention.setting, str(error), None))
    return limits

"""The summary of a job on its own page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from maintenance.core import registry
from maintenance.core.errors import InvalidRetention
from maintenance.models import JobRun
from maintenance.reporting.cached_backlog import MOST, CachedBacklog
from maintenance.reporting.status import JobStatus


@dataclass(frozen=True)
class Card:
    """`last` is the last real run that started and has ended; `active` are the queued and running runs."""

    status: JobStatus
    active: list[JobRun]
    last: JobRun | None
    due: str
    limits: list[str]
    due_at_stop: int | None
    """Number due when the volume guard stopped the last run."""


def card_of(status: JobStatus, latest: Sequence[JobRun], unfinished: Sequence[JobRun], backlog: CachedBacklog) -> Card:
    result = status.last_result
    return Card(
        status=status,
        active=[run for run in unfinished if run.job == status.name],
        last=next((run for run in latest if result and run.pk == result.run_id), None),
        due=due_in_words(backlog.of(status.name)),
        limits=limits_of(status.name),
        due_at_stop=due_at_stop(status),
    )


def limits_of(name: str) -> list[str]:
    """Return the age limits of a job; for an invalid one, the error."""
    job = registry.find(name)
    limits = []
    for retention in job.retentions if job else ():
        try:
            limits.append(str(retention))
        except InvalidRetention as error:
            limits.append(str(error))
    return limits


def due_at_stop(status: JobStatus) -> int | None:
    """Return the number due when the volume guard stopped the last run of a job."""
    return due_at_stop_of(status.last_result.details) if status.last_result else None


def due_at_stop_of(details: Mapping[str, Any]) -> int | None:
    """Return the number that a run's details name, where a page can confirm it: pages run a job without options."""
    due = details.get("brake")
    return due if isinstance(due, int) and not details.get("options") else None


def due_in_words(number: int | None) -> str:
    """Return a cached number of due items; an empty text where it is unknown."""
    if number is None:
        return ""
    return _("%(number)s or more") % {"number": f"{MOST:,}"} if number >= MOST else f"{number:,}"

"""The summary of a job, in the list of jobs and on its own page."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from maintenance.core import registry
from maintenance.core.errors import InvalidRetention
from maintenance.models import JobRun
from maintenance.pages.charts import Chart, draw
from maintenance.reporting.cached_backlog import MOST, CachedBacklog
from maintenance.reporting.status import JobStatus

RUNS_DRAWN = 30


@dataclass(frozen=True)
class Card:
    """`last` is the last real run that started and has ended; `active` are the queued and running runs."""

    status: JobStatus
    active: list[JobRun]
    last: JobRun | None
    bars: SafeString
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
        bars=draw(_chart(status.name), latest),
        due=_due(backlog.of(status.name)),
        limits=limits_of(status.name),
        due_at_stop=result.details.get("brake") if result else None,
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


def _due(number: int | None) -> str:
    if number is None:
        return ""
    return _("%(number)s or more") % {"number": f"{MOST:,}"} if number >= MOST else f"{number:,}"


def _chart(name: str) -> Chart:
    return Chart(
        id=f"bars-{name}",
        title=_("Last %(number)d runs of %(job)s") % {"number": RUNS_DRAWN, "job": name},
        description=_("The height is the duration of a run. The latest run is on the right."),
        value=lambda run: run.duration.total_seconds() if run.duration else 0.0,
        slots=RUNS_DRAWN,
    )

"""Each age limit: what is past it, how old that is, when it is seen to, and what became of it before."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from maintenance.core import registry
from maintenance.core.clock import database_now
from maintenance.core.database import statement_limit
from maintenance.core.errors import InvalidRetention
from maintenance.core.job import Job
from maintenance.models import JobRun
from maintenance.pages import runs
from maintenance.pages.access import VIEW, needs
from maintenance.pages.charts import Chart, draw
from maintenance.pages.legend import legend
from maintenance.pages.views import page_of
from maintenance.reporting.cached_backlog import FRESH, LIMITS_KEY
from maintenance.reporting.status import JobStatistics, JobStatus, RetentionStatus, get_retention, get_status

RUNS_DRAWN = 30
PATIENCE = timedelta(seconds=5)
"""So long may counting take; where it takes longer, the page does without."""


@dataclass(frozen=True)
class Counted:
    """What was past each limit at `at`; `None` where counting took too long."""

    at: datetime
    limits: list[RetentionStatus] | None


@dataclass(frozen=True)
class Policy:
    """A job that keeps age limits. `problem` says which of them cannot be read, so that none of them is kept."""

    status: JobStatus
    limits: list[RetentionStatus]
    problem: str
    bars: SafeString
    last: JobRun | None
    most: JobRun | None


@needs(VIEW)
def page(request: HttpRequest) -> HttpResponse:
    """All age limits."""
    now, statistics, unfinished = database_now(), get_status(), runs.unfinished()
    jobs = [job for job in registry.all_jobs() if job.retentions]
    latest = runs.latest([job.name for job in jobs], RUNS_DRAWN)
    problems = {job.name: _problem(job, now) for job in jobs}
    readable = [job for job in jobs if not problems[job.name]]
    counted = _counted(readable, statistics, now, [run for some in latest.values() for run in some])
    policies = [_policy(job, statistics, counted, problems[job.name], latest.get(job.name, [])) for job in jobs]
    context = {
        "policies": policies,
        "counted": counted,
        "overdue": sum(limit.overdue for limit in counted.limits or ()),
        "legend": legend(),
    }
    return page_of(request, "retention", _("Retention"), now, is_busy=bool(unfinished), **context)


def _problem(job: Job, now: datetime) -> str:
    try:
        for retention in job.retentions:
            retention.cutoff(now)
    except InvalidRetention as error:
        return str(error)
    return ""


def _counted(jobs: Sequence[Job], statistics: JobStatistics, now: datetime, latest: Iterable[JobRun]) -> Counted:
    """Return what was counted no longer than `FRESH` ago, unless a run has ended since."""
    kept = cache.get(LIMITS_KEY)
    if kept and _is_fresh(kept["at"], now, latest):
        return Counted(kept["at"], kept["limits"] and [RetentionStatus(**limit) for limit in kept["limits"]])
    try:
        with statement_limit(PATIENCE):
            limits = get_retention(jobs, statistics)
    except OperationalError:
        limits = None
    cache.set(LIMITS_KEY, {"at": now, "limits": limits and [*map(asdict, limits)]}, FRESH.total_seconds())
    return Counted(now, limits)


def _is_fresh(at: datetime, now: datetime, latest: Iterable[JobRun]) -> bool:
    has_run_since = any(run.finished_at and run.finished_at >= at for run in latest)
    return timedelta(0) <= now - at < FRESH and not has_run_since


def _policy(job: Job, statistics: JobStatistics, counted: Counted, problem: str, latest: list[JobRun]) -> Policy:
    acted = [run for run in latest if run.items_due is not None and run.finished_at]
    return Policy(
        status=next(status for status in statistics.jobs if status.name == job.name),
        limits=[limit for limit in counted.limits or () if limit.job == job.name],
        problem=problem,
        bars=draw(_chart(job.name), latest),
        last=acted[-1] if acted else None,
        most=max(acted, key=_due, default=None),
    )


def _due(run: JobRun) -> float:
    return run.items_done if run.items_due is None else run.items_due


def _chart(name: str) -> Chart:
    return Chart(
        id=f"due-{name}",
        title=_("What was due at the last %(number)d runs of %(job)s") % {"number": RUNS_DRAWN, "job": name},
        description=_("The height is how many items were due. The latest is on the right, and leads to its run."),
        value=_due,
        slots=RUNS_DRAWN,
    )

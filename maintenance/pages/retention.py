"""The page of the age limits: records past each limit, next run, and past runs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from maintenance.core import registry
from maintenance.core.clock import database_now
from maintenance.core.errors import InvalidRetention
from maintenance.core.job import Job
from maintenance.core.json_encoder import encode
from maintenance.models import JobRun
from maintenance.pages import runs
from maintenance.pages.access import VIEW, needs
from maintenance.pages.downloads import download
from maintenance.pages.legend import legend
from maintenance.pages.sparkline import SLOTS, draw
from maintenance.pages.views import page_of
from maintenance.pages.what_if import form_of
from maintenance.reporting import cached_backlog
from maintenance.reporting.cached_backlog import CachedRetention
from maintenance.reporting.csv_text import lines
from maintenance.reporting.status import JobStatistics, JobStatus, RetentionStatus, get_status


@dataclass(frozen=True)
class Policy:
    """A job with age limits. `problem` names the invalid one: then the job does not run."""

    status: JobStatus
    limits: list[RetentionStatus]
    problem: str
    bars: SafeString
    last: JobRun | None
    most: JobRun | None


@needs(VIEW)
def page(request: HttpRequest) -> HttpResponse:
    """The page of all age limits, or a file of them."""
    now, statistics, unfinished = database_now(), get_status(), runs.unfinished()
    jobs = [job for job in registry.all_jobs() if job.retentions]
    latest = runs.latest([job.name for job in jobs], SLOTS)
    problems = {job.name: _problem(job, now) for job in jobs}
    readable = [job for job in jobs if not problems[job.name]]
    ended = [run for runs_of_job in latest.values() for run in runs_of_job]
    counted = cached_backlog.of_limits(readable, statistics, now, ended)
    if counted.limits is not None and (kind := request.GET.get("format", "")) in FORMATS:
        return download(FORMATS[kind](counted.limits), "retention", kind)
    policies = [_policy(job, statistics, counted, problems[job.name], latest.get(job.name, [])) for job in jobs]
    context = {
        "policies": policies,
        "counted": counted,
        "overdue": sum(limit.overdue for limit in counted.limits or ()),
        "legend": legend(),
        "what_if": form_of(request, now),
    }
    return page_of(request, "retention", _("Retention"), now, is_busy=bool(unfinished), **context)


def _as_csv(limits: Sequence[RetentionStatus]) -> str:
    columns = [field.name for field in fields(RetentionStatus)]
    return "".join(lines(columns, ({name: _cell(getattr(limit, name)) for name in columns} for limit in limits)))


def _cell(value: object) -> object:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


FORMATS: Mapping[str, Callable[[Sequence[RetentionStatus]], str]] = {"csv": _as_csv, "json": encode}
"""The files of the limits; as JSON, the document that `manage.py retention --json` prints."""


def _problem(job: Job, now: datetime) -> str:
    try:
        for retention in job.retentions:
            retention.cutoff(now)
    except InvalidRetention as error:
        return str(error)
    return ""


def _policy(
    job: Job, statistics: JobStatistics, counted: CachedRetention, problem: str, latest: list[JobRun]
) -> Policy:
    acted = [run for run in latest if run.items_due is not None and run.finished_at]
    return Policy(
        status=next(status for status in statistics.jobs if status.name == job.name),
        limits=[limit for limit in counted.limits or () if limit.job == job.name],
        problem=problem,
        bars=draw(latest, _due),
        last=acted[-1] if acted else None,
        most=max(acted, key=_due, default=None),
    )


def _due(run: JobRun) -> float:
    return run.items_done if run.items_due is None else run.items_due

"""Which jobs are overdue: their data is kept more than a day longer than promised.

A job is overdue when an item is due now that was already due at one of these moments, a day ago or earlier:

- a scheduled time since its last run, if it has not run since;
- the start of a run that left items undone, if no run has succeeded since.

An item that became due after a successful run waits for the next run, however old its dates are. A new job has until a
day after its first scheduled time. Where no job has ever run, its last scheduled time counts. A disabled job is overdue
like any other, because its data is kept too. A job that its own definition disables, and that has never run, promises
nothing.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import QuerySet, Subquery
from django.db.models.functions import Coalesce

from maintenance.core import backlog, cron, registry
from maintenance.core.errors import InvalidCron, InvalidRetention
from maintenance.core.job import Job
from maintenance.core.states import FINISHED, Status
from maintenance.models import JobRun, JobSetting
from maintenance.reporting.status import JobStatistics, JobStatus

GRACE = timedelta(days=1)
"""A job that is further behind is overdue."""


def overdue_jobs(statistics: JobStatistics, now: datetime) -> Iterator[Job]:
    """Yield the overdue jobs, whether or not a run is active. Reversible jobs are none of them."""
    jobs = {job.name: job for job in registry.all_jobs() if job.irreversible}
    for status in statistics.jobs:
        if status.name in jobs and _is_overdue(jobs[status.name], status, now - GRACE):
            yield jobs[status.name]


def _is_overdue(job: Job, status: JobStatus, latest: datetime) -> bool:
    try:
        moment = _last_moment_missed(status, latest)
        return moment is not None and backlog.has_any(job, moment)
    except (InvalidCron, InvalidRetention):
        return False  # other checks report it


def _last_moment_missed(status: JobStatus, latest: datetime) -> datetime | None:
    """Return the last moment, `latest` or before, whose due items should be processed; `None` where there is none."""
    expected = _first_time_without_run(status, latest)
    if expected and expected <= latest:
        return max(expected, _last_time(status, latest))
    return _left_undone_at(status, latest)


def _first_time_without_run(status: JobStatus, latest: datetime) -> datetime | None:
    """Return the first scheduled time without a run, which may be in the future."""
    if status.last_run:
        return _next_time(status, status.last_run)
    if first := _runs_of(status.name).order_by("pk").first():
        return _expected_start(first)
    if not status.enabled:
        disabled = JobSetting.objects.filter(job=status.name, enabled=False).first()
        return _next_time(status, disabled.changed_at) if disabled else None
    if JobRun.objects.filter(dry_run=False).exists():
        return status.next_run
    return _last_time(status, latest)


def _next_time(status: JobStatus, after: datetime) -> datetime | None:
    return next(cron.times(cron.normalise(status.schedule), after), None)


def _last_time(status: JobStatus, before: datetime) -> datetime:
    return cron.previous_time(cron.normalise(status.schedule), before)


def _expected_start(run: JobRun) -> datetime:
    """Return when a run should have started that never did: it was missed, skipped or refused."""
    first = run.details.get("first")
    return datetime.fromisoformat(first) if first else run.slot or run.queued_at


def _left_undone_at(status: JobStatus, latest: datetime) -> datetime | None:
    """Return the start of the last run that ended by `latest` and left items undone, if none has succeeded since."""
    if status.last_result is None or status.last_result.success:
        return None
    runs = _runs_of(status.name).order_by("-pk")
    success = runs.filter(status=Status.SUCCEEDED).values("pk")[:1]
    left = runs.filter(status__in=FINISHED, started_at__isnull=False, finished_at__lte=latest)
    return left.filter(pk__gt=Coalesce(Subquery(success), 0)).values_list("started_at", flat=True).first()


def _runs_of(name: str) -> QuerySet[JobRun]:
    return JobRun.objects.filter(job=name, dry_run=False)

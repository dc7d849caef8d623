"""Which jobs are overdue: their data is kept more than a day longer than promised.

A job is overdue when an item is due now that was already due at one of these moments, a day ago or earlier:

- a scheduled time since its last run, if it has not run since;
- the start of a run that left items undone, if no run has succeeded since.

An item that became due after a successful run waits for the next run, however old its dates are. A new job has until a
day after its first scheduled time. Where no job has ever run, its last scheduled time counts. A disabled job is overdue
like any other, because its data is kept too. A paused job is not, and has a day after its pause: the times that passed
in it are one `missed` run, written at its end. A job that its own definition disables, and that has never run, promises
nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache

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
    has_runs = cache(lambda: JobRun.objects.filter(dry_run=False).exists())
    moments = []
    for status in statistics.jobs:
        with suppress(InvalidCron):  # other checks report it
            if status.name not in jobs or status.paused:
                continue
            if moment := _last_moment_missed(status, now - GRACE, has_runs=has_runs):
                moments.append((jobs[status.name], moment))
    resumed = _resumed_since(now - GRACE) if moments else set()
    moments = [each for each in moments if each[0].name not in resumed]
    try:
        yield from backlog.with_any(moments)
    except InvalidRetention:
        for each in moments:
            with suppress(InvalidRetention):  # other checks report it
                yield from backlog.with_any([each])


def _resumed_since(moment: datetime) -> set[str]:
    """Return the jobs that missed times in a pause that ended after `moment`."""
    missed = JobRun.objects.filter(status=Status.MISSED, details__paused=True, queued_at__gt=moment)
    return set(missed.values_list("job", flat=True))


def _last_moment_missed(status: JobStatus, latest: datetime, *, has_runs: Callable[[], bool]) -> datetime | None:
    """Return the last moment, `latest` or before, whose due items should be processed; `None` where there is none."""
    expected = _first_time_without_run(status, latest, has_runs=has_runs)
    if expected and expected <= latest:
        return max(expected, _last_time(status, latest))
    return _left_undone_at(status, latest)


def _first_time_without_run(status: JobStatus, latest: datetime, *, has_runs: Callable[[], bool]) -> datetime | None:
    """Return the first scheduled time without a run, which may be in the future."""
    if status.last_run:
        return _next_time(status, status.last_run)
    if has_runs() and (first := _runs_of(status.name).order_by("pk").first()):
        return _expected_start(first)
    if not status.enabled:
        disabled = JobSetting.objects.filter(job=status.name, enabled=False).first()
        return _next_time(status, disabled.changed_at) if disabled else None
    return status.next_run if has_runs() else _last_time(status, latest)


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

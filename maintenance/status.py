"""The read side: what the jobs are doing, did, and will do. Nothing here starts a run or changes anything."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, QuerySet

from maintenance import cron, lease, registry
from maintenance.clock import database_now
from maintenance.errors import InvalidCron
from maintenance.job import Job
from maintenance.models import JobRun, JobSetting, Pause
from maintenance.results import JobResult

UNFINISHED = (JobRun.Status.QUEUED, JobRun.Status.RUNNING)


@dataclass(frozen=True)
class JobStatus:
    """One job as an operator sees it. Times are UTC; `schedule` is the expression in force."""

    name: str
    description: str
    schedule: str
    schedule_sentence: str
    enabled: bool
    is_running: bool
    last_run: datetime | None
    """When its last real run started."""
    next_run: datetime | None
    """`None` when it is disabled or its expression cannot be read."""
    last_result: JobResult | None
    """What came of the last real run that has ended."""


@dataclass(frozen=True)
class JobStatistics:
    """All jobs at a glance."""

    total_jobs: int
    enabled_jobs: int
    running_jobs: int
    jobs: list[JobStatus]


@dataclass(frozen=True)
class RetentionStatus:
    """An age limit, and how much is past it. `next_run` is when its job will see to it."""

    job: str
    setting: str
    limit: str
    cutoff: datetime
    overdue: int
    oldest: datetime | None
    next_run: datetime | None


def get_status() -> JobStatistics:
    """Return the status of every registered job, in three queries."""
    jobs = _statuses(registry.all_jobs())
    return JobStatistics(
        total_jobs=len(jobs),
        enabled_jobs=sum(job.enabled for job in jobs),
        running_jobs=sum(job.is_running for job in jobs),
        jobs=jobs,
    )


def get_job_status(name: str) -> JobStatus | None:
    """Return the status of one job, or `None` where there is no such job."""
    return next(iter(_statuses(job for job in registry.all_jobs() if job.name == name)), None)


def get_pause() -> Pause | None:
    """Return the pause that keeps everything from running, if there is one."""
    return Pause.objects.first()


def get_history(name: str | None = None) -> QuerySet[JobRun]:
    """Return all runs, or those of one job, the latest first."""
    runs = JobRun.objects.order_by("-pk")
    return runs.filter(job=name) if name else runs


def get_retention() -> list[RetentionStatus]:
    """Return every age limit with what is past it now. Raises `InvalidRetention`."""
    now = database_now()
    statuses = {status.name: status for status in get_status().jobs}
    return [
        _retention_of(job, now, statuses[job.name].next_run) for job in registry.all_jobs() if job.retention is not None
    ]


def _retention_of(job: Job, now: datetime, next_run: datetime | None) -> RetentionStatus:
    assert job.retention is not None  # noqa: S101 - the caller's condition
    measure = job.measure(now)
    return RetentionStatus(
        job=job.name,
        setting=job.retention.setting,
        limit=str(job.retention),
        cutoff=job.retention.cutoff(now),
        overdue=measure.due,
        oldest=measure.oldest,
        next_run=next_run,
    )


def _statuses(jobs: Iterable[Job]) -> list[JobStatus]:
    now = database_now()
    settings = {setting.job: setting for setting in JobSetting.objects.all()}
    running = set(JobRun.objects.filter(lease.is_alive(), dry_run=False).values_list("job", flat=True))
    last = _last_finished()
    return [_status_of(job, now, settings.get(job.name), job.name in running, last.get(job.name)) for job in jobs]


def _last_finished() -> dict[str, JobRun]:
    """Return the last real run of each job that did something and has ended."""
    finished = JobRun.objects.filter(dry_run=False, started_at__isnull=False).exclude(status__in=UNFINISHED)
    latest = finished.order_by().values("job").annotate(latest=Max("pk")).values("latest")
    return {run.job: run for run in JobRun.objects.filter(pk__in=latest)}


def _status_of(job: Job, now: datetime, setting: JobSetting | None, is_running: bool, last: JobRun | None) -> JobStatus:
    expression = (setting and setting.cron) or job.schedule
    is_enabled = job.enabled if setting is None or setting.enabled is None else setting.enabled
    try:
        cron.normalise(expression)
    except InvalidCron as error:
        sentence, next_run = str(error), None
    else:
        sentence = cron.describe(expression)
        next_run = cron.next_times(expression, now, 1)[0] if is_enabled else None
    return JobStatus(
        name=job.name,
        description=job.description,
        schedule=expression,
        schedule_sentence=sentence,
        enabled=is_enabled,
        is_running=is_running,
        last_run=last.started_at if last else None,
        next_run=next_run,
        last_result=JobResult.of(last) if last else None,
    )


def age_in_words(moment: datetime, now: datetime) -> str:
    """Say how far `moment` is from `now`: `in 3 h`, `2 d ago`."""
    distance = abs(moment - now)
    for unit, size in (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("min", timedelta(minutes=1))):
        if distance >= size:
            words = f"{distance // size} {unit}"
            break
    else:
        words = f"{distance.seconds} s"
    return f"in {words}" if moment > now else f"{words} ago"

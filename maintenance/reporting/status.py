"""The read side: what the jobs are doing, did, and will do. Nothing here starts a run or changes anything."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django_q.models import Schedule

from maintenance.core import backlog, cron, registry
from maintenance.core.clock import database_now
from maintenance.core.errors import InvalidCron
from maintenance.core.job import Job
from maintenance.core.states import FINISHED, STOPPED, UNFINISHED, Status
from maintenance.engine import lease
from maintenance.engine.results import JobResult
from maintenance.models import JobRun, Pause
from maintenance.scheduling import schedules, validity
from maintenance.scheduling.late_schedules import next_if_late


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
    """When its schedule fires next; `None` when it is disabled or misconfigured."""
    last_result: JobResult | None
    """What came of the last real run that has ended."""
    problem: str = ""
    """Why its schedule does not run it as it should, and the remedy; empty where all is well."""


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
    """Return the status of every job, those that cannot be loaded last, in a handful of queries."""
    jobs = [*_statuses(registry.all_jobs()), *_broken()]
    return JobStatistics(
        total_jobs=len(jobs),
        enabled_jobs=sum(job.enabled for job in jobs),
        running_jobs=sum(job.is_running for job in jobs),
        jobs=jobs,
    )


def get_job_status(name: str) -> JobStatus | None:
    """Return the status of one job, or `None` where there is no such job."""
    return next(iter(_statuses(job for job in registry.all_jobs() if job.name == name)), None)


def out_of_time(job: JobStatus) -> JobResult | None:
    """Return the last run of a job that ended out of time and whose backlog no run has finished since, if any.

    A run that was stopped in between says nothing about it.
    """
    last = job.last_result
    if last is None or last.status not in STOPPED:
        return last if last and last.status == Status.OUT_OF_TIME else None
    ended = get_history(job.name).filter(dry_run=False, started_at__isnull=False, status__in=FINISHED)
    run = ended.exclude(status__in=STOPPED).first()
    return JobResult.of(run) if run and run.status == Status.OUT_OF_TIME else None


def get_pause() -> Pause | None:
    """Return the pause that keeps everything from running, if there is one."""
    return Pause.objects.first()


def get_history(name: str | None = None) -> QuerySet[JobRun]:
    """Return all runs, or those of one job, the latest first."""
    runs = JobRun.objects.order_by("-pk")
    return runs.filter(job=name) if name else runs


def get_retention(jobs: Iterable[Job] | None = None, statistics: JobStatistics | None = None) -> list[RetentionStatus]:
    """Return every age limit, or those of some `jobs`, with what is past it now, in one statement for all of them.

    `statistics` saves asking for the next runs again. Raises `InvalidRetention`.
    """
    now = database_now()
    next_runs = {status.name: status.next_run for status in (statistics or get_status()).jobs}
    limits = [(job, limit) for job in (registry.all_jobs() if jobs is None else jobs) for limit in job.retentions]
    backlogs = backlog.of_limits(limits, now)
    return [
        RetentionStatus(
            job=job.name,
            setting=limit.setting,
            limit=str(limit),
            cutoff=limit.cutoff(now),
            overdue=past.due,
            oldest=past.oldest,
            next_run=next_runs[job.name],
        )
        for (job, limit), past in zip(limits, backlogs, strict=True)
    ]


def _statuses(jobs: Iterable[Job]) -> list[JobStatus]:
    rows = {row.name: row for row in schedules.ours().annotate(read_at=Now())}
    decisions = {job.name: decision for job, decision in schedules.decisions()}
    running, last = _real_runs()
    return [
        _status_of(job, decisions[job.name], rows.get(job.name), job.name in running, last.get(job.name))
        for job in jobs
    ]


def _broken() -> list[JobStatus]:
    """Return the jobs that stand in the list and cannot be loaded."""
    return [
        JobStatus(
            name=name,
            description=_("This job cannot be loaded."),
            schedule="",
            schedule_sentence="",
            enabled=False,
            is_running=False,
            last_run=None,
            next_run=None,
            last_result=None,
            problem=_("It cannot be loaded (%(reason)s): mend its module, and start the program again.")
            % {"reason": reason},
        )
        for name, reason in registry.broken().items()
    ]


def _real_runs() -> tuple[set[str], dict[str, JobRun]]:
    """Return the jobs that run, and the last real run of each job that did something and has ended; one query."""
    real = JobRun.objects.filter(dry_run=False).order_by()
    finished = real.filter(started_at__isnull=False).exclude(status__in=UNFINISHED)
    latest = finished.values("job").annotate(latest=Max("pk")).values("latest")
    running = real.filter(lease.is_alive())
    runs = list(JobRun.objects.filter(pk__in=latest).order_by().union(running, all=True))
    on = {run.job for run in runs if run.status in UNFINISHED}
    return on, {run.job: run for run in runs if run.status not in UNFINISHED}


def _status_of(
    job: Job, decision: schedules.Decision, row: Schedule | None, is_running: bool, last: JobRun | None
) -> JobStatus:
    try:
        cron.normalise(decision.expression)
    except InvalidCron as error:
        sentence = str(error)
    else:
        sentence = cron.describe(decision.expression)
    problem = _problem_of(decision, row)
    return JobStatus(
        name=job.name,
        description=job.description,
        schedule=decision.expression,
        schedule_sentence=sentence,
        enabled=decision.is_enabled,
        is_running=is_running,
        last_run=last.started_at if last else None,
        next_run=row.next_run if row and decision.is_enabled and not problem else None,
        last_result=JobResult.of(last) if last else None,
        problem=problem,
    )


def _problem_of(decision: schedules.Decision, row: Schedule | None) -> str:
    remedy = _("`manage.py sync_schedules` mends it.")
    try:
        cron.normalise(decision.expression)
    except InvalidCron as error:
        return _("It has no time: %(error)s `manage.py jobs schedule` gives it one.") % {"error": error}
    if row is None:
        return _("It has no schedule: %(remedy)s") % {"remedy": remedy}
    reason = validity.reason_invalid(row)
    if reason:
        return _("Its schedule is broken: %(reason)s %(remedy)s") % {"reason": reason, "remedy": remedy}
    is_enabled = row.repeats != schedules.NEVER and row.next_run is not None
    if (row.cron, is_enabled) != (decision.expression, decision.is_enabled):
        return _("Its schedule is not what was decided: %(remedy)s") % {"remedy": remedy}
    if due := next_if_late(row, row.read_at):
        sentence = _("Its next run is on %(late)s, and its schedule says %(due)s UTC: %(remedy)s")
        return sentence % {"late": f"{row.next_run:%Y-%m-%d %H:%M}", "due": f"{due:%Y-%m-%d %H:%M}", "remedy": remedy}
    return ""


def age_in_words(moment: datetime, now: datetime) -> str:
    """Say how far `moment` is from `now`: `in 3 h`, `2 d ago`."""
    distance = abs(moment - now)
    for unit, size in (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("min", timedelta(minutes=1))):
        if distance >= size:
            words = f"{distance // size} {unit}"
            break
    else:
        words = f"{distance.seconds} s"
    return (_("in %(distance)s") if moment > now else _("%(distance)s ago")) % {"distance": words}

"""The status of the jobs: their schedules, runs and age limits. Nothing here starts a run or writes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _, gettext_lazy as _lazy
from django_q.models import Schedule

from maintenance.core import backlog, cron, registry
from maintenance.core.clock import database_now
from maintenance.core.errors import InvalidCron
from maintenance.core.job import Job
from maintenance.core.latest_rows import is_latest
from maintenance.core.retention import Retention
from maintenance.core.states import FINISHED, STOPPED, UNFINISHED, Status
from maintenance.core.time_text import minute
from maintenance.engine import lease, pauses
from maintenance.engine.results import JobResult
from maintenance.models import JobRun, Pause
from maintenance.reporting.paused import PauseStatus, next_run_of
from maintenance.scheduling import schedules, validity
from maintenance.scheduling.late_schedules import next_if_late

SAVE_AGAIN = _lazy("Save it again (`manage.py sync_schedules`).")
SET_ANOTHER = _lazy("Set another one (`manage.py jobs schedule`).")


@dataclass(frozen=True)
class JobStatus:
    """The status of one job. Times are UTC; `schedule` is the expression in force."""

    name: str
    description: str
    schedule: str
    schedule_sentence: str
    enabled: bool
    is_running: bool
    last_run: datetime | None
    """Start of its last real run."""
    next_run: datetime | None
    """Next time of its schedule, after its pause; `None` when the schedule is disabled or broken."""
    last_result: JobResult | None
    """Result of the last real run that has ended."""
    paused: PauseStatus | None = None
    """The active pause that lasts longest: its own, or that of all jobs."""
    problem: str = ""
    """Fault of its schedule, with the remedy; empty where there is none."""


@dataclass(frozen=True)
class JobStatistics:
    """The status of all jobs, with their numbers."""

    total_jobs: int
    enabled_jobs: int
    running_jobs: int
    jobs: list[JobStatus]


@dataclass(frozen=True)
class RetentionStatus:
    """An age limit, and the number of records past it. `next_run` is the next run of its job."""

    job: str
    setting: str
    limit: str
    cutoff: datetime
    overdue: int
    oldest: datetime | None
    next_run: datetime | None
    data: str = ""
    """The names of the models whose records have the limit."""


def get_status(pauses: Iterable[Pause] | None = None) -> JobStatistics:
    """Return the status of every job, those that cannot be loaded last. The number of queries is constant.

    `pauses` saves the query for all of them.
    """
    jobs = [*_statuses(registry.all_jobs(), pauses), *_broken()]
    return JobStatistics(
        total_jobs=len(jobs),
        enabled_jobs=sum(job.enabled for job in jobs),
        running_jobs=sum(job.is_running for job in jobs),
        jobs=jobs,
    )


def get_job_status(name: str) -> JobStatus | None:
    """Return the status of one job, or `None` where there is no such job."""
    job = registry.find(name)
    return _statuses([job])[0] if job else None


def out_of_time(job: JobStatus) -> JobResult | None:
    """Return the last run of a job if it ended out of time; runs that were stopped since do not count."""
    last = job.last_result
    if last is None or last.status not in STOPPED:
        return last if last and last.status == Status.OUT_OF_TIME else None
    ended = get_history(job.name).filter(dry_run=False, started_at__isnull=False, status__in=FINISHED)
    run = ended.exclude(status__in=STOPPED).first()
    return JobResult.of(run) if run and run.status == Status.OUT_OF_TIME else None


def get_pause(name: str = pauses.ALL_JOBS) -> Pause | None:
    """Return the active pause of all jobs; with a name, that of all or else the job's own."""
    return pauses.of_job(name).select_related("paused_by").order_by("job").first()


def get_pauses() -> list[Pause]:
    """Return the active pauses, that of all jobs first."""
    return list(pauses.active().select_related("paused_by").order_by("job"))


def get_history(name: str | None = None) -> QuerySet[JobRun]:
    """Return the runs of all jobs, or of one, the latest first."""
    runs = JobRun.objects.order_by("-pk")
    return runs.filter(job=name) if name else runs


def get_retention(jobs: Iterable[Job] | None = None, statistics: JobStatistics | None = None) -> list[RetentionStatus]:
    """Return every age limit, or those of some `jobs`, with the number of records past it; one statement counts all.

    `statistics` saves the queries for the next runs. Raises `InvalidRetention`.
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
            data=", ".join(_names_of_data(job, limit, now)),
        )
        for (job, limit), past in zip(limits, backlogs, strict=True)
    ]


def _names_of_data(job: Job, limit: Retention, now: datetime) -> Iterable[str]:
    stages = (stage for stage in job.stages(now) if stage.is_counted and job.retention_of(stage) is limit)
    return dict.fromkeys(str(stage.due.model._meta.verbose_name_plural) for stage in stages)


def _statuses(jobs: Sequence[Job], pauses: Iterable[Pause] | None = None) -> list[JobStatus]:
    rows = {row.name: row for row in schedules.ours().annotate(read_at=Now())}
    decisions = {job.name: decision for job, decision in schedules.decisions(pauses)}
    running, last = _real_runs(job.name for job in jobs)
    return [
        _status_of(job, decisions[job.name], rows.get(job.name), job.name in running, last.get(job.name))
        for job in jobs
    ]


def _broken() -> list[JobStatus]:
    """Return the jobs that cannot be loaded."""
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
            problem=_("It cannot be loaded (%(reason)s): correct its module, then restart the program.")
            % {"reason": reason},
        )
        for name, reason in registry.broken().items()
    ]


def _real_runs(names: Iterable[str]) -> tuple[set[str], dict[str, JobRun]]:
    """Return the running jobs, and of some jobs the last real run that started and has ended; one query."""
    real = JobRun.objects.filter(dry_run=False).order_by()
    finished = real.filter(started_at__isnull=False).exclude(status__in=UNFINISHED)
    running = real.filter(lease.is_alive())
    runs = list(JobRun.objects.filter(is_latest(finished, "job", names)).order_by().union(running, all=True))
    active = {run.job for run in runs if run.status in UNFINISHED}
    return active, {run.job: run for run in runs if run.status not in UNFINISHED}


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
        next_run=next_run_of(row, decision.pause) if row and decision.is_enabled and not problem else None,
        last_result=JobResult.of(last) if last else None,
        paused=PauseStatus.of(decision.pause, row.read_at) if row else None,
        problem=problem,
    )


def _problem_of(decision: schedules.Decision, row: Schedule | None) -> str:
    remedy = str(SAVE_AGAIN)
    try:
        cron.normalise(decision.expression)
    except InvalidCron as error:
        return _("Its schedule cannot be read: %(error)s %(remedy)s") % {"error": error, "remedy": SET_ANOTHER}
    if row is None:
        return _("It has no schedule. %(remedy)s") % {"remedy": remedy}
    reason = validity.reason_invalid(row)
    if reason:
        return _("Its schedule is broken: %(reason)s %(remedy)s") % {"reason": reason, "remedy": remedy}
    is_enabled = row.repeats != schedules.NEVER and row.next_run is not None
    if (row.cron, is_enabled) != (decision.expression, decision.repeats != schedules.NEVER):
        return _("Its schedule differs from the setting. %(remedy)s") % {"remedy": remedy}
    if due := next_if_late(row, row.read_at):
        sentence = _("Its next run is set for %(late)s instead of %(due)s. %(remedy)s")
        return sentence % {"late": minute(row.next_run), "due": minute(due), "remedy": remedy}
    return ""

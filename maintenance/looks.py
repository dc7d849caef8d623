"""What the doctor looks at, one function each: it yields verdicts, and only reads."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from croniter import croniter
from django.core import checks
from django.utils import timezone
from django_q.models import Schedule

from maintenance import cron, lease, preflight, queue_state, registry, schedules, status
from maintenance.canary import SEND_EVERY
from maintenance.clock import database_now, refuse_skew
from maintenance.errors import InvalidCron, InvalidRetention, NotReady
from maintenance.job import Job
from maintenance.models import Canary, JobRun
from maintenance.verdicts import Verdict, warning, well, wrong

ECHO_WITHIN = SEND_EVERY + timedelta(seconds=40)
"""A canary that came back no longer ago proves that the queue works."""
TASK_WITHIN = timedelta(minutes=2)
"""A task is taken within this time, unless all workers are busy."""
SCHEDULE_WITHIN = timedelta(seconds=90)
"""A schedule fires within this time."""
RETENTION_WITHIN = timedelta(days=1)
"""What was due at a job's time is done within this time."""
FAILED = (JobRun.Status.FAILED, JobRun.Status.PARTIAL, JobRun.Status.CRASHED)

RUN_WITHIN = timedelta(minutes=15)
"""A request is taken by a worker within this time, unless all are busy."""
ON_ITS_WAY = timedelta(seconds=40)

START = "Start `manage.py cluster`; its log says why it ended."
RESTART = "Restart `manage.py cluster`; its log says what it met."
SYNCHRONISE = "`manage.py sync_schedules` mends it."
REAP = "The cluster declares it crashed and starts the job again: see that one is up."


def look_at_settings() -> Iterator[Verdict]:
    """Yield what the system checks say that are evaluated before each run, and whether the clocks agree."""
    found = [message for message in checks.run_checks(tags=[preflight.TAG]) if not message.is_silenced()]
    for message in found:
        make = wrong if message.is_serious() else warning
        yield make(
            "setting-wrong",
            f"{message.msg.rstrip('.')} ({message.id}).",
            message.hint or "`manage.py check` tells more.",
        )
    if not found:
        yield well("settings", "The settings are sound.")
    try:
        refuse_skew()
    except NotReady as error:
        yield of(error, "clock-skew")


def look_at_canary() -> Iterator[Verdict]:
    """Yield whether a task goes through broker and worker: it came back; all are busy; or the queue is stuck."""
    state, canary, now = queue_state.get(), Canary.objects.first() or Canary(), database_now()
    age = now - canary.echoed_at if canary.echoed_at else None
    last = (
        f"the last one came back {status.age_in_words(canary.echoed_at, now)}" if canary.echoed_at else "none ever did"
    )
    if not state.clusters:
        yield wrong("no-cluster", f"No cluster is up, and no job runs at its time; as to its canary, {last}.", START)
    elif age is not None and age <= ECHO_WITHIN:
        took = f" It took {canary.round_trip.total_seconds():.1f} s." if canary.round_trip else ""
        yield well("canary-back", f"A canary went through the queue {age.seconds} s ago.{took}")
    elif state.is_busy:
        sentence = f"All {state.workers} workers have runs, and the canary waits; {last}."
        yield warning("workers-busy", sentence, "Let them finish; if this is usual, raise Q_WORKERS.")
    elif canary.sent_at and canary.number - canary.echo == 1 and now - canary.sent_at <= ON_ITS_WAY:
        yield warning("canary-sent", "The first canary since the cluster was started is on its way.", "Look again.")
    else:
        sentence = f"The queue is stuck: the canary does not come back although a worker is free; {last}."
        yield wrong("queue-stuck", sentence, RESTART)


def look_at_queue() -> Iterator[Verdict]:
    """Yield how long the oldest task has waited to be taken."""
    state = queue_state.get()
    waits = timezone.now() - state.oldest if state.oldest else timedelta(0)
    sentence = f"{state.waiting:,} tasks wait in the queue, the oldest for {waits.total_seconds():.0f} s."
    if waits <= TASK_WITHIN:
        yield well("queue", sentence if state.waiting else "No task waits in the queue.")
    elif state.is_busy:
        yield warning("task-waits", f"{sentence} All workers are busy.", "Let them finish, or raise Q_WORKERS.")
    else:
        yield wrong("task-waits", sentence, RESTART if state.clusters else START)


def look_at_jobs() -> Iterator[Verdict]:
    """Yield jobs that cannot be loaded, that are not scheduled as they should be, or whose last run failed."""
    now, jobs, broken = database_now(), status.get_status().jobs, registry.broken()
    verdicts = []
    for job in jobs:
        if job.name in broken:
            sentence = f"{job.name} cannot be loaded ({broken[job.name]})."
            verdicts.append(wrong("job-broken", sentence, "Mend its module, and start the program again.", job.name))
        elif job.problem:
            reason = job.problem.partition("`manage.py")[0].rstrip(":. ")  # its remedy comes behind
            sentence = f"The schedule of {job.name} is not as it should be ({reason[:1].lower()}{reason[1:]})."
            verdicts.append(wrong("schedule-broken", sentence, SYNCHRONISE, job.name))
        elif job.next_run and now - job.next_run > SCHEDULE_WITHIN:
            sentence = f"{job.name} should have begun {status.age_in_words(job.next_run, now)}."
            verdicts.append(wrong("schedule-overdue", sentence, START, job.name))
        if job.last_result and job.last_result.status in FAILED:
            sentence = f"The last run of {job.name} ended {job.last_result.status} (run {job.last_result.run_id})."
            remedy = f"`manage.py jobs history {job.name} --json` says why; mend that, and run it again."
            verdicts.append(wrong("job-failed", sentence, remedy, job.name))
    yield from verdicts
    yield from _foreign_schedules()
    if not verdicts:
        yield well("jobs", f"All {len(jobs)} jobs are on time, and none has failed the last time.")


def _foreign_schedules() -> Iterator[Verdict]:
    rows = Schedule.objects.exclude(func=schedules.FUNCTION).exclude(repeats=schedules.NEVER)
    for row in rows.order_by("pk"):
        if schedules.why_broken(row):
            sentence = f"Schedule {row.pk}, which belongs to no job, cannot be read, and never fires."
            yield wrong("schedule-broken", sentence, "Correct or delete it.")


def look_at_runs() -> Iterator[Verdict]:
    """Yield runs without a sign of life, and requests that no worker has taken."""
    lost = JobRun.objects.filter(lease.is_lost()).order_by("pk")
    now, busy = database_now(), queue_state.get().is_busy
    waiting = JobRun.objects.filter(status=JobRun.Status.QUEUED, heartbeat_at=None, queued_at__lt=now - RUN_WITHIN)
    verdicts = [
        wrong(
            "run-stale",
            f"Run {run.pk} of {run.job} has given no sign of life for longer than its lease.",
            REAP,
            run.job,
        )
        for run in lost
    ]
    for run in waiting.exclude(task_id="") if not busy else ():
        sentence = f"Run {run.pk} of {run.job} has waited for a worker since {run.queued_at:%Y-%m-%d %H:%M} UTC."
        verdicts.append(wrong("run-waits", sentence, RESTART, run.job))
    yield from verdicts or [well("runs", "Every run that is on gives signs of life.")]


def look_at_retention() -> Iterator[Verdict]:
    """Yield jobs that have left undone what was due at one of their times, a day ago or earlier."""
    now = database_now()
    running = {job.name for job in status.get_status().jobs if job.is_running}
    verdicts = []
    for job, decision in schedules.decisions():
        if (
            job.irreversible
            and job.name not in running
            and _is_overdue(job, decision.expression, now - RETENTION_WITHIN)
        ):
            sentence = (
                f"{job.name} has left undone what was due more than a day ago: data is kept longer than promised."
            )
            remedy = f"`manage.py {job.command} --dry-run` says how much, and `manage.py {job.command}` does it."
            verdicts.append(wrong("retention-overdue", sentence, remedy, job.name))
    yield from verdicts or [well("retention", "Nothing is kept for more than a day longer than promised.")]


def _is_overdue(job: Job, expression: str, before: datetime) -> bool:
    """Whether something is still there that was due at the job's last time before `before`."""
    try:
        slot = croniter(cron.normalise(expression), before, ret_type=datetime).get_prev(datetime)
        return any(stage.due.exists() for stage in job.stages(slot) if stage.is_counted)
    except (InvalidCron, InvalidRetention):
        return False  # told already


def look_at_pause() -> Iterator[Verdict]:
    """Yield that everything is paused."""
    if pause := status.get_pause():
        since = f"{pause.paused_at:%Y-%m-%d %H:%M} UTC"
        yield warning("paused", f"Everything is paused since {since}.", "`manage.py jobs resume` ends it.")


def of(error: NotReady, code: str) -> Verdict:
    """Return what preflight says as a verdict: it puts the remedy behind a colon."""
    sentence, _, remedy = str(error).partition(": ")
    return wrong(code, f"{sentence}.", remedy[:1].upper() + remedy[1:])


ALL: dict[str, Callable[[], Iterable[Verdict]]] = {
    "the settings": look_at_settings,
    "the canary": look_at_canary,
    "the queue": look_at_queue,
    "the jobs": look_at_jobs,
    "the runs": look_at_runs,
    "retention": look_at_retention,
    "the pause": look_at_pause,
}

"""What the doctor looks at, one function each: it yields verdicts, and only reads.

The operator's pages show the same results (`maintenance.health.snapshot`). Rules and sentences stand here alone.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from django.core import checks
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy as _lazy
from django_q.models import Schedule

from maintenance.core import registry
from maintenance.core.clock import refuse_skew
from maintenance.core.errors import NotReady
from maintenance.core.job import Job
from maintenance.core.states import FAILURES, Status
from maintenance.engine import preflight
from maintenance.health.canary import SEND_EVERY
from maintenance.health.check_result import Verdict, warning, well, wrong
from maintenance.health.context import Facts, Unfinished
from maintenance.health.overdue import overdue_jobs
from maintenance.reporting import status
from maintenance.reporting.status import JobStatus
from maintenance.scheduling import schedules, validity

ECHO_WITHIN = SEND_EVERY + timedelta(seconds=40)
"""A canary that came back no longer ago proves that the queue works."""
TASK_WITHIN = timedelta(minutes=2)
"""A task is taken within this time, unless all workers are busy."""
SCHEDULE_WITHIN = timedelta(seconds=90)
"""A schedule fires within this time."""

RUN_WITHIN = timedelta(minutes=15)
"""A request is taken by a worker within this time, unless all are busy."""
ON_ITS_WAY = timedelta(seconds=40)

START = _lazy("Start `manage.py cluster`; its log says why it ended.")
RESTART = _lazy("Restart `manage.py cluster`; its log says what it met.")
SYNCHRONISE = _lazy("`manage.py sync_schedules` mends it.")
REAP = _lazy("The cluster declares it crashed and starts the job again: see that one is up.")


def look_at_settings(_facts: Facts) -> Iterator[Verdict]:
    """Yield what the system checks say that are evaluated before each run, and whether the clocks agree."""
    found = [message for message in checks.run_checks(tags=[preflight.TAG]) if not message.is_silenced()]
    for message in found:
        make = wrong if message.is_serious() else warning
        remedy = message.hint or _("`manage.py check` tells more.")
        yield make("setting-wrong", f"{message.msg.rstrip('.')} ({message.id}).", remedy)
    if not found:
        yield well("settings", _("The settings are sound."))
    try:
        refuse_skew()
    except NotReady as error:
        yield of(error, "clock-skew")


def look_at_canary(facts: Facts) -> Iterator[Verdict]:
    """Yield whether a task goes through broker and worker: it came back; all are busy; or the queue is stuck."""
    state, canary, now = facts.queue, facts.canary, facts.now
    age = now - canary.echoed_at if canary.echoed_at else None
    last = _("no heartbeat from the queue yet")
    if canary.echoed_at:
        last = _("last heartbeat from the queue: %(age)s") % {"age": status.age_in_words(canary.echoed_at, now)}
    if not state.clusters:
        sentence = _("No cluster is running, so no job runs at its time; %(last)s.")
        yield wrong("no-cluster", sentence % {"last": last}, START)
    elif age is not None and age <= ECHO_WITHIN:
        seconds = max(0.0, age.total_seconds())  # it may have come back after `now` was read
        sentence = _("The canary came through the queue %(seconds)d s ago.") % {"seconds": seconds}
        if canary.round_trip:
            sentence += " " + _("Round trip: %(seconds).1f s.") % {"seconds": canary.round_trip.total_seconds()}
        yield well("canary-back", sentence)
    elif state.is_busy:
        sentence = _("All %(number)d workers are busy, and the canary is waiting; %(last)s.")
        remedy = _("Let them finish; if this is usual, raise Q_WORKERS.")
        yield warning("workers-busy", sentence % {"number": state.workers, "last": last}, remedy)
    elif canary.sent_at and canary.number - canary.echo == 1 and now - canary.sent_at <= ON_ITS_WAY:
        sentence = _("The first canary since the cluster was started is on its way.")
        yield warning("canary-sent", sentence, _("Look again."))
    else:
        sentence = _("The queue is stuck: a worker is free, but the canary does not come back; %(last)s.")
        yield wrong("queue-stuck", sentence % {"last": last}, RESTART)


def look_at_queue(facts: Facts) -> Iterator[Verdict]:
    """Yield how long the oldest task has waited to be taken."""
    state = facts.queue
    waits = timezone.now() - state.oldest if state.oldest else timedelta(0)
    sentence = _("%(number)s tasks are queued, the oldest for %(seconds).0f s.")
    sentence %= {"number": f"{state.waiting:,}", "seconds": waits.total_seconds()}
    if waits <= TASK_WITHIN:
        yield well("queue", sentence if state.waiting else _("No task is queued."))
    elif state.is_busy:
        busy = _("All workers are busy.")
        yield warning("task-waits", f"{sentence} {busy}", _("Let them finish, or raise Q_WORKERS."))
    else:
        yield wrong("task-waits", sentence, RESTART if state.clusters else START)


def look_at_jobs(facts: Facts) -> Iterator[Verdict]:
    """Yield jobs that cannot be loaded, that are not scheduled as they should be, or whose last run failed."""
    jobs = facts.statistics.jobs
    verdicts = [verdict for job in jobs for verdict in (*_about_schedule(job, facts.now), *_about_last_run(job))]
    yield from verdicts
    if not verdicts:
        sentence = _("All %(number)d jobs are on schedule, and none of their last runs failed.")
        yield well("jobs", sentence % {"number": len(jobs)})


def _about_schedule(job: JobStatus, now: datetime) -> Iterator[Verdict]:
    broken = registry.broken()
    if job.name in broken:
        sentence = _("%(job)s cannot be loaded (%(reason)s).") % {"job": job.name, "reason": broken[job.name]}
        yield wrong("job-broken", sentence, _("Mend its module, and start the program again."), job.name)
    elif job.problem:
        reason = job.problem.partition("`manage.py")[0].rstrip(":. ")  # its remedy comes behind
        sentence = _("The schedule of %(job)s is not as it should be (%(reason)s).")
        sentence %= {"job": job.name, "reason": f"{reason[:1].lower()}{reason[1:]}"}
        yield wrong("schedule-broken", sentence, SYNCHRONISE, job.name)
    elif job.next_run and now - job.next_run > SCHEDULE_WITHIN:
        sentence = _("%(job)s should have begun %(when)s.")
        when = status.age_in_words(job.next_run, now)
        yield wrong("schedule-overdue", sentence % {"job": job.name, "when": when}, START, job.name)


def _about_last_run(job: JobStatus) -> Iterator[Verdict]:
    result = job.last_result
    if result and result.status in FAILURES:
        sentence = _("The last run of %(job)s %(status)s (run %(id)d).")
        remedy = _("`manage.py jobs history %(job)s --json` says why; fix the cause, then run it again.")
        values = {"job": job.name, "status": Status(result.status).label.lower(), "id": result.run_id}
        yield wrong("job-failed", sentence % values, remedy % {"job": job.name}, job.name)
    elif run := status.out_of_time(job):
        sentence = _("%(job)s ran out of time: %(number)s remaining (run %(id)d).")
        remedy = _("The next run goes on; if this is usual, raise MAINTENANCE_TIME_BUDGET.")
        values = {"job": job.name, "number": f"{run.details.get('backlog') or 0:,}", "id": run.run_id}
        yield warning("job-out-of-time", sentence % values, remedy, job.name)


def look_at_foreign_schedules(_facts: Facts) -> Iterator[Verdict]:
    """Yield schedules in the queue's table that belong to no job, and never fire."""
    rows = Schedule.objects.exclude(func=schedules.FUNCTION).exclude(repeats=schedules.NEVER)
    for row in rows.order_by("pk"):
        if validity.reason_invalid(row):
            sentence = _("Schedule %(id)d, which belongs to no job, cannot be read, and never fires.")
            yield wrong("schedule-broken", sentence % {"id": row.pk}, _("Correct or delete it."))


def look_at_runs(facts: Facts) -> Iterator[Verdict]:
    """Yield runs that do not respond, and requests that no worker has taken."""
    verdicts = [verdict for one in reversed(facts.unfinished) for verdict in _about_unfinished(one, facts)]
    yield from verdicts or [well("runs", _("All running jobs respond."))]


def _about_unfinished(one: Unfinished, facts: Facts) -> Iterator[Verdict]:
    run = one.run
    waits = run.status == Status.QUEUED and run.task_id and run.heartbeat_at is None
    if one.is_lost:
        sentence = _("Run %(id)d of %(job)s has not responded for longer than its lease.")
        yield wrong("run-stale", sentence % {"id": run.pk, "job": run.job}, REAP, run.job)
    elif waits and run.queued_at < facts.now - RUN_WITHIN and not facts.queue.is_busy:
        sentence = _("Run %(id)d of %(job)s has waited for a worker since %(moment)s UTC.")
        values = {"id": run.pk, "job": run.job, "moment": f"{run.queued_at:%Y-%m-%d %H:%M}"}
        yield wrong("run-waits", sentence % values, RESTART, run.job)


def look_at_retention(facts: Facts) -> Iterator[Verdict]:
    """Yield jobs that are overdue."""
    verdicts = [_behind(job) for job in overdue_jobs(facts.statistics, facts.now)]
    yield from verdicts or [well("retention", _("Nothing is kept for more than a day longer than promised."))]


def _behind(job: Job) -> Verdict:
    sentence = _("%(job)s is more than a day behind: data is kept longer than promised.")
    remedy = _("`manage.py %(command)s --dry-run` says how much, and `manage.py %(command)s` does it.")
    return wrong("retention-overdue", sentence % {"job": job.name}, remedy % {"command": job.command}, job.name)


def look_at_pause(facts: Facts) -> Iterator[Verdict]:
    """Yield that everything is paused."""
    if facts.pause:
        sentence = _("All jobs are paused since %(moment)s UTC.")
        moment = f"{facts.pause.paused_at:%Y-%m-%d %H:%M}"
        yield warning("paused", sentence % {"moment": moment}, _("`manage.py jobs resume` ends it."))


def of(error: NotReady, code: str) -> Verdict:
    """Return what preflight says as a verdict: it puts the remedy behind a colon."""
    sentence, _colon, remedy = str(error).partition(": ")
    return wrong(code, f"{sentence}.", remedy[:1].upper() + remedy[1:])


ALL: dict[str, Callable[[Facts], Iterable[Verdict]]] = {
    "the settings": look_at_settings,
    "the canary": look_at_canary,
    "the queue": look_at_queue,
    "the jobs": look_at_jobs,
    "foreign schedules": look_at_foreign_schedules,
    "the runs": look_at_runs,
    "retention": look_at_retention,
    "the pause": look_at_pause,
}
SELDOM = ("the settings", "foreign schedules", "retention")
"""What takes too long for every view of a page; the cluster looks at it, and pages read what it found."""

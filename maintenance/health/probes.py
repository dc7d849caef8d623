"""The health checks, one function each: it yields results, and only reads.

The operator's pages show the same results (`maintenance.health.snapshot`). Rules and sentences stand here alone.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from django.core import checks
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy as _lazy
from django_q.models import Schedule

from maintenance.conf import settings
from maintenance.core import registry
from maintenance.core.clock import refuse_skew
from maintenance.core.errors import NotReady
from maintenance.core.job import Job
from maintenance.core.states import FAILURES, Status
from maintenance.core.time_text import duration, minute, relative
from maintenance.engine import lease, preflight
from maintenance.engine.watchdog import stall_limit
from maintenance.health.canary import HEARTBEAT_EVERY, SEND_EVERY
from maintenance.health.check_result import CheckResult
from maintenance.health.context import HealthContext, UnfinishedRun
from maintenance.health.overdue import overdue_jobs
from maintenance.models import ClusterHeartbeat, JobRun
from maintenance.reporting import status
from maintenance.reporting.status import JobStatus
from maintenance.scheduling import schedules, validity

RETURN_WITHIN = SEND_EVERY + timedelta(seconds=40)
"""A canary that returned within this time proves that the queue works."""
TASK_WITHIN = timedelta(minutes=2)
"""A worker takes a task within this time, unless all workers are busy."""
SCHEDULE_WITHIN = timedelta(seconds=90)
"""A schedule fires within this time."""

RUN_WITHIN = timedelta(minutes=15)
"""A worker takes a requested run within this time, unless all workers are busy."""
WATCHDOG_WITHIN = timedelta(minutes=1)
"""The watchdog of a run has ended a batch within this time after the limit. The row shows it at the next heartbeat."""
FIRST_RETURN_WITHIN = timedelta(seconds=40)

START = _lazy("Start `manage.py cluster`; its log says why it ended.")
RESTART = _lazy("Restart `manage.py cluster`; its log says what happened.")
SYNCHRONISE = _lazy("`manage.py sync_schedules` corrects it.")
REAP = _lazy("The cluster declares it crashed and starts the job again: check that a cluster is running.")

HANGS = _lazy("End its process: the cluster declares it crashed and starts the job again.")


def probe_settings(_context: HealthContext) -> Iterator[CheckResult]:
    """Check the settings that are checked before each run, and compare the clocks."""
    found = [message for message in checks.run_checks(tags=[preflight.TAG]) if not message.is_silenced()]
    for message in found:
        make = CheckResult.error if message.is_serious() else CheckResult.warning
        remedy = message.hint or _("See `manage.py check`.")
        yield make("setting-wrong", f"{message.msg.rstrip('.')} ({message.id}).", remedy)
    if not found:
        yield CheckResult.ok("settings", _("The settings are valid."))
    try:
        refuse_skew()
    except NotReady as error:
        yield result_of(error, "clock-skew")


def probe_connection(_context: HealthContext) -> Iterator[CheckResult]:
    """Check that runs can write, and that a connection keeps its session."""
    for code, verify in (("read-only", preflight.verify_writable), ("session-lost", preflight.verify_session)):
        try:
            verify()
        except NotReady as error:
            yield result_of(error, code)


def probe_canary(context: HealthContext) -> Iterator[CheckResult]:
    """Check that a task goes through broker and worker: it returned, or all workers are busy."""
    state, canary, now = context.queue, context.canary, context.now
    age = now - canary.echoed_at if canary.echoed_at else None
    last = _("no heartbeat from the queue yet")
    if canary.echoed_at:
        last = _("last heartbeat from the queue: %(age)s") % {"age": relative(canary.echoed_at, now)}
    if not state.clusters:
        sentence = _("No cluster is running, so no job runs at its time; %(last)s.")
        yield CheckResult.error("no-cluster", sentence % {"last": last}, START)
    elif age is not None and age <= RETURN_WITHIN:
        yield _returned(max(timedelta(0), age), canary.round_trip)  # it may have returned after `now` was read
    elif state.is_busy:
        sentence = _("All %(number)d workers are busy, and the canary is waiting; %(last)s.")
        remedy = _("Let them finish; if this is usual, raise Q_WORKERS.")
        yield CheckResult.warning("workers-busy", sentence % {"number": state.workers, "last": last}, remedy)
    elif canary.sent_at and canary.number - canary.echo == 1 and now - canary.sent_at <= FIRST_RETURN_WITHIN:
        sentence = _("The first canary since the start of the cluster has not returned yet.")
        yield CheckResult.warning("canary-sent", sentence, _("Check again in a minute."))
    else:
        sentence = _("The queue is stuck: a worker is free, but the canary does not return; %(last)s.")
        yield CheckResult.error("queue-stuck", sentence % {"last": last}, RESTART)


def _returned(age: timedelta, round_trip: timedelta | None) -> CheckResult:
    sentence = _("Last heartbeat from the queue: %(seconds)d s ago.") % {"seconds": age.total_seconds()}
    if round_trip:
        sentence += " " + _("Round trip: %(duration)s.") % {"duration": duration(round_trip)}
    return CheckResult.ok("canary-back", sentence)


def probe_queue(context: HealthContext) -> Iterator[CheckResult]:
    """Check the age of the oldest queued task."""
    state = context.queue
    age = timezone.now() - state.oldest if state.oldest else timedelta(0)
    sentence = _("%(number)s tasks are queued, the oldest for %(age)s.")
    sentence %= {"number": f"{state.waiting:,}", "age": duration(age)}
    if age <= TASK_WITHIN:
        yield CheckResult.ok("queue", sentence if state.waiting else _("No task is queued."))
    elif state.is_busy:
        busy = _("All workers are busy.")
        yield CheckResult.warning("task-waits", f"{sentence} {busy}", _("Let them finish, or raise Q_WORKERS."))
    else:
        yield CheckResult.error("task-waits", sentence, RESTART if state.clusters else START)


def probe_jobs(context: HealthContext) -> Iterator[CheckResult]:
    """Check that each job can be loaded, is scheduled as decided, and did not fail last time."""
    jobs = context.statistics.jobs
    results = [result for job in jobs for result in (*_of_schedule(job, context.now), *_of_last_run(job))]
    yield from results
    if not results:
        sentence = _("All %(number)d jobs are on schedule, and none of their last runs failed.")
        yield CheckResult.ok("jobs", sentence % {"number": len(jobs)})


def _of_schedule(job: JobStatus, now: datetime) -> Iterator[CheckResult]:
    broken = registry.broken()
    if job.name in broken:
        sentence = _("%(job)s cannot be loaded (%(reason)s).") % {"job": job.name, "reason": broken[job.name]}
        yield CheckResult.error("job-broken", sentence, _("Correct its module, then restart the program."), job.name)
    elif job.problem:
        reason = job.problem.partition("`manage.py")[0].rstrip(":. ")  # its remedy comes behind
        sentence = _("The schedule of %(job)s is broken (%(reason)s).")
        sentence %= {"job": job.name, "reason": f"{reason[:1].lower()}{reason[1:]}"}
        yield CheckResult.error("schedule-broken", sentence, SYNCHRONISE, job.name)
    elif job.next_run and now - job.next_run > SCHEDULE_WITHIN:
        sentence = _("%(job)s was due to start %(age)s, and has not started.")
        sentence %= {"job": job.name, "age": relative(job.next_run, now)}
        yield CheckResult.error("schedule-overdue", sentence, START, job.name)


def _of_last_run(job: JobStatus) -> Iterator[CheckResult]:
    result = job.last_result
    if result and result.status in FAILURES:
        sentence = _("The last run of %(job)s %(status)s (run %(id)d).")
        remedy = _("`manage.py jobs history %(job)s --json` says why; fix the cause, then run it again.")
        values = {"job": job.name, "status": Status(result.status).label.lower(), "id": result.run_id}
        yield CheckResult.error("job-failed", sentence % values, remedy % {"job": job.name}, job.name)
    elif run := status.out_of_time(job):
        sentence = _("%(job)s ran out of time: %(number)s remaining (run %(id)d).")
        remedy = _("The next run continues; if this is usual, raise MAINTENANCE_TIME_BUDGET.")
        values = {"job": job.name, "number": f"{run.details.get('backlog') or 0:,}", "id": run.run_id}
        yield CheckResult.warning("job-out-of-time", sentence % values, remedy, job.name)


def probe_findings(_context: HealthContext) -> Iterator[CheckResult]:
    """Ask each job what there is to tell, and whether it refuses to run."""
    for job in registry.all_jobs():
        for message in job.findings():
            if message.is_serious():
                sentence = _("%(job)s refuses to run. %(why)s") % {"job": job.name, "why": message.msg}
                yield CheckResult.error("job-refuses", sentence, message.hint or "", job.name)
            else:
                yield CheckResult.warning("job-finding", message.msg, message.hint or "", job.name)


def probe_foreign_schedules(_context: HealthContext) -> Iterator[CheckResult]:
    """Find enabled schedules in the queue's table that belong to no job and cannot be read."""
    rows = Schedule.objects.exclude(func=schedules.FUNCTION).exclude(repeats=schedules.NEVER)
    for row in rows.order_by("pk"):
        if reason := validity.reason_invalid(row):
            sentence = _("Schedule %(id)d, which belongs to no job, never fires: %(reason)s")
            remedy = _("Find out who wrote it; then correct or delete it.")
            yield CheckResult.error("schedule-broken", sentence % {"id": row.pk, "reason": reason}, remedy)


def probe_runs(context: HealthContext) -> Iterator[CheckResult]:
    """Find runs that do not respond, and requested runs that no worker takes."""
    results = [result for run in reversed(context.unfinished) for result in _of_unfinished(run, context)]
    yield from results or [CheckResult.ok("runs", _("All running jobs respond and make progress."))]


def _of_unfinished(unfinished: UnfinishedRun, context: HealthContext) -> Iterator[CheckResult]:
    run = unfinished.run
    is_requested = run.status == Status.QUEUED and run.task_id and run.heartbeat_at is None
    if unfinished.is_lost:
        sentence = _("Run %(id)d of %(job)s has not responded for longer than its lease.")
        yield CheckResult.error("run-stale", sentence % {"id": run.pk, "job": run.job}, REAP, run.job)
    elif run.status == Status.RUNNING and (sentence := _without_end(run, context.now)):
        yield CheckResult.error("run-hangs", sentence, HANGS, run.job)
    elif is_requested and run.queued_at < context.now - RUN_WITHIN and not context.queue.is_busy:
        sentence = _("Run %(id)d of %(job)s has waited for a worker since %(moment)s.")
        values = {"id": run.pk, "job": run.job, "moment": minute(run.queued_at)}
        yield CheckResult.error("run-waits", sentence % values, RESTART, run.job)


def _without_end(run: JobRun, now: datetime) -> str:
    """Return what is wrong with a run that holds its lease: no progress, or no end; an empty text where it is right."""
    limit = timedelta(seconds=stall_limit())
    budget = timedelta(seconds=settings.MAINTENANCE_TIME_BUDGET)
    margin = lease.lease_time() + WATCHDOG_WITHIN
    values = {"id": run.pk, "job": run.job}
    if run.progressed_at and (age := now - run.progressed_at) > limit + margin:
        return _("Run %(id)d of %(job)s has made no progress for %(age)s.") % (values | {"age": duration(age)})
    if run.started_at and (age := now - run.started_at) > budget + limit + margin:
        sentence = _("Run %(id)d of %(job)s has been running for %(age)s; its time budget is %(budget)s.")
        return sentence % (values | {"age": duration(age), "budget": duration(budget)})
    return ""


def probe_retention(context: HealthContext) -> Iterator[CheckResult]:
    """Find jobs that are overdue."""
    results = [_behind(job) for job in overdue_jobs(context.statistics, context.now)]
    yield from results or [CheckResult.ok("retention", _("No job is more than a day behind."))]


def _behind(job: Job) -> CheckResult:
    sentence = _("%(job)s is more than a day behind: data is kept longer than promised.")
    remedy = _("`manage.py %(command)s --dry-run` says how much, and `manage.py %(command)s` does it.")
    return CheckResult.error(
        "retention-overdue", sentence % {"job": job.name}, remedy % {"command": job.command}, job.name
    )


def probe_clusters(context: HealthContext) -> Iterator[CheckResult]:
    """Find clusters that share a host name: an operator could not tell their runs apart."""
    recent = ClusterHeartbeat.objects.filter(seen_at__gt=context.now - 2 * HEARTBEAT_EVERY)
    for name in recent.values("host").annotate(number=Count("pk")).filter(number__gt=1).values_list("host", flat=True):
        sentence = _("Several machines or containers with a cluster have the host name %(name)s.") % {"name": name}
        yield CheckResult.warning("host-name-shared", sentence, _("Give each one a name of its own."))


def probe_pause(context: HealthContext) -> Iterator[CheckResult]:
    """Report a pause."""
    if context.pause:
        sentence = _("All jobs are paused since %(moment)s.") % {"moment": minute(context.pause.paused_at)}
        yield CheckResult.warning("paused", sentence, _("`manage.py jobs resume` resumes them."))


def result_of(error: NotReady, code: str) -> CheckResult:
    """Return a refusal of the preflight as a result. The remedy stands behind its colon."""
    sentence, _colon, remedy = str(error).partition(": ")
    return CheckResult.error(code, f"{sentence}.", remedy[:1].upper() + remedy[1:])


ALL: dict[str, Callable[[HealthContext], Iterable[CheckResult]]] = {
    "the settings": probe_settings,
    "the connection": probe_connection,
    "the canary": probe_canary,
    "the queue": probe_queue,
    "the jobs": probe_jobs,
    "what the jobs have found": probe_findings,
    "foreign schedules": probe_foreign_schedules,
    "the runs": probe_runs,
    "retention": probe_retention,
    "the clusters": probe_clusters,
    "the pause": probe_pause,
}
SLOW = (
    "the settings",
    "the connection",
    "what the jobs have found",
    "foreign schedules",
    "retention",
    "the clusters",
)
"""Too slow for every view of a page: the cluster runs these, and pages read the stored results."""

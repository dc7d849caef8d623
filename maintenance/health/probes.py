"""The health checks, one function each: it yields results, and only reads.

The operator's pages show the same results (`maintenance.health.snapshot`). Rules and sentences stand here alone.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

from django.core import checks
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext
from django_q.models import Schedule

from maintenance.core.clock import refuse_skew
from maintenance.core.errors import NotReady
from maintenance.core.states import Level
from maintenance.core.time_text import duration, relative
from maintenance.engine import pauses, preflight
from maintenance.health import alert_probes, job_probes
from maintenance.health.canary import HEARTBEAT_EVERY, SEND_EVERY
from maintenance.health.check_result import CheckResult
from maintenance.health.context import HealthContext
from maintenance.health.remedies import RESTART, START
from maintenance.models import ClusterHeartbeat
from maintenance.scheduling import schedules, validity

RETURN_WITHIN = SEND_EVERY + timedelta(seconds=40)
"""A canary that returned within this time proves that the queue works."""
TASK_WITHIN = timedelta(minutes=2)
"""A worker takes a task within this time, unless all workers are busy."""
FIRST_RETURN_WITHIN = timedelta(seconds=40)


def probe_settings(_context: HealthContext) -> Iterator[CheckResult]:
    """Check the settings that are checked before each run, and compare the clocks."""
    found = [message for message in checks.run_checks(tags=[preflight.TAG]) if not message.is_silenced()]
    for message in found:
        level = Level.WRONG if message.is_serious() else Level.WARNING
        sentence, remedy = f"{message.msg.rstrip('.')} ({message.id}).", message.hint or _("See `manage.py check`.")
        yield CheckResult("setting-wrong", level, sentence, str(remedy), subject=sentence)
    if not found:
        yield CheckResult.ok("settings", _("The settings are valid."))
    try:
        refuse_skew()
    except NotReady as error:
        yield result_of(error, "clock-skew")


def probe_connection(_context: HealthContext) -> Iterator[CheckResult]:
    """Check that runs can write, that a connection keeps its session, and that no later version has migrated it."""
    for code, verify in (
        ("read-only", preflight.verify_writable),
        ("session-lost", preflight.verify_session),
        ("database-newer", preflight.verify_not_newer),
    ):
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
        sentence = ngettext(
            "The only worker is busy, and the canary is waiting; %(last)s.",
            "All %(number)d workers are busy, and the canary is waiting; %(last)s.",
            state.workers,
        )
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
    sentence = ngettext(
        "%(number)s task is queued, for %(age)s.", "%(number)s tasks are queued, the oldest for %(age)s.", state.waiting
    )
    sentence %= {"number": f"{state.waiting:,}", "age": duration(age)}
    if age <= TASK_WITHIN:
        yield CheckResult.ok("queue", sentence if state.waiting else _("No task is queued."))
    elif state.is_busy:
        busy = _("All workers are busy.")
        yield CheckResult.warning("task-waits", f"{sentence} {busy}", _("Let them finish, or raise Q_WORKERS."))
    else:
        yield CheckResult.error("task-waits", sentence, RESTART if state.clusters else START)


def probe_foreign_schedules(_context: HealthContext) -> Iterator[CheckResult]:
    """Find enabled schedules in the queue's table that belong to no job and cannot be read."""
    rows = Schedule.objects.exclude(func=schedules.FUNCTION).exclude(repeats=schedules.NEVER)
    for row in rows.order_by("pk"):
        if reason := validity.reason_invalid(row):
            sentence = _("Schedule %(id)d, which belongs to no job, never fires: %(reason)s")
            remedy = _("Find out who wrote it; then correct or delete it.")
            values = {"id": row.pk, "reason": reason}
            yield CheckResult.error("schedule-broken", sentence % values, remedy, subject=str(row.pk))


def probe_clusters(context: HealthContext) -> Iterator[CheckResult]:
    """Find clusters that share a host name: an operator could not tell their runs apart."""
    recent = ClusterHeartbeat.objects.filter(seen_at__gt=context.now - 2 * HEARTBEAT_EVERY)
    for name in recent.values("host").annotate(number=Count("pk")).filter(number__gt=1).values_list("host", flat=True):
        sentence = _("Several machines or containers with a cluster have the host name %(name)s.") % {"name": name}
        yield CheckResult.warning("host-name-shared", sentence, _("Give each one a name of its own."))


def probe_pause(context: HealthContext) -> Iterator[CheckResult]:
    """Report the pauses: one without an end is forgotten more easily, and has a code of its own."""
    for pause in context.pauses:
        command = f"`manage.py jobs {{}}{' ' * bool(pause.job)}{pause.job}`"
        code, remedy, sentence = "paused-until", _("%(resume)s ends the pause earlier."), pauses.sentence(pause)
        if pause.until is None:
            code, remedy = "paused", _("%(resume)s ends the pause; %(pause)s gives it an end.")
            sentence += " " + _("The pause has no end.")
        values = {"resume": command.format("resume"), "pause": command.format("pause --for 2h")}
        yield CheckResult.warning(code, sentence, remedy % values, pause.job)


def result_of(error: NotReady, code: str) -> CheckResult:
    """Return a refusal of the preflight as a result. The remedy stands behind its colon."""
    sentence, _colon, remedy = str(error).partition(": ")
    return CheckResult.error(code, f"{sentence}.", remedy[:1].upper() + remedy[1:])


ALL: dict[str, Callable[[HealthContext], Iterable[CheckResult]]] = {
    "the settings": probe_settings,
    "the connection": probe_connection,
    "the canary": probe_canary,
    "the queue": probe_queue,
    "the jobs": job_probes.probe_jobs,
    "what the jobs have found": job_probes.probe_findings,
    "foreign schedules": probe_foreign_schedules,
    "the runs": job_probes.probe_runs,
    "retention": job_probes.probe_retention,
    "the clusters": probe_clusters,
    "the pause": probe_pause,
    "the alerts": alert_probes.probe_alerts,
}
SLOW = (
    "the settings",
    "the connection",
    "what the jobs have found",
    "foreign schedules",
    "retention",
    "the clusters",
    "the alerts",
)
"""Too slow for every view of a page: the cluster runs these, and pages read the stored results."""

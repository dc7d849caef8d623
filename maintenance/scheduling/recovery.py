"""Runs that were lost, and times that were missed: told, and made good once.

The cluster command calls this in its own loop, not through the queue, where it could starve.
"""

import logging
import socket
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice, takewhile

import psutil
from django.db import transaction
from django.db.models import Max, Q
from django.db.models.functions import Now
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from maintenance import tasks
from maintenance.core import cron, registry
from maintenance.core.clock import TOLERANCE, database_now
from maintenance.core.database import advisory_lock
from maintenance.core.errors import InvalidCron
from maintenance.core.states import UNFINISHED
from maintenance.engine import lease
from maintenance.models import JobRun, Pause
from maintenance.scheduling.late_schedules import is_clock_wrong, tell_late
from maintenance.scheduling.run_requests import hand_over
from maintenance.scheduling.schedules import LOCK, NEVER, decisions, ours

logger = logging.getLogger(__name__)
Status, Trigger = JobRun.Status, JobRun.Trigger

MISSED_AFTER = timedelta(minutes=15)
"""A time is missed when no run with it exists so much later."""
MOST_SLOTS = 10_000
"""So many missed times are counted at most."""
LOOK_BACK = timedelta(days=8)
"""How far back lost tasks and interrupted runs are looked for: longer than the longest interval between two times."""
LOST_AFTER = timedelta(minutes=2)
"""A task is lost when it is not in the queue any more, and its run has not begun so long after."""
_gone_since: dict[str, datetime] = {}
"""When a schedule's last task was first found to have left the queue without a run; by its id, of few tasks."""


def reap() -> list[JobRun]:
    """Declare runs crashed whose lease is lost, or whose process on this machine is gone; start their jobs again.

    Once: a run by recovery that crashes, too, is left to the next time.
    """
    with transaction.atomic():
        advisory_lock(lease.LOCK)
        vanished = [
            run.pk
            for run in JobRun.objects.filter(status__in=UNFINISHED, host=socket.gethostname())
            if run.pid and not _is_process(run.pid)
        ]
        crashed = lease.declare_crashed(JobRun.objects.all(), vanished=vanished)
        for run in crashed:
            if not run.dry_run and run.trigger != Trigger.RECOVERY:
                start_again(run.job)
    for run in crashed:
        logger.error("%s crashed: its process vanished.", run)
    return crashed


def _is_process(pid: int) -> bool:
    try:
        return is_alive(psutil.Process(pid))
    except psutil.NoSuchProcess:
        return False


def is_alive(process: psutil.Process) -> bool:
    """Whether a process of this machine exists and has not ended."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def release() -> int:
    """Let the queue offer again what a process had taken and never begun; return how many tasks that are.

    A task of ours leaves the queue when it begins, so one that is taken waits for a worker, or its process is gone. If
    it does wait, on another machine, it is run by whoever begins first: a time, and a run, is run once.
    """
    now = timezone.now()
    released = 0
    for task in OrmQ.objects.filter(lock__gt=now):
        if str(task.func()).startswith(f"{tasks.__name__}."):
            released += OrmQ.objects.filter(pk=task.pk, lock=task.lock).update(lock=now)
    return released


def resume_interrupted() -> list[str]:
    """Start the jobs again whose last run was stopped by a shutdown of the cluster; return their names.

    What an operator stopped, at the command line or by a pause, goes on when it is its time, or when they say so.
    """
    recent = JobRun.objects.filter(dry_run=False, queued_at__gt=Now() - LOOK_BACK)
    latest = recent.order_by().values("job").annotate(latest=Max("pk")).values("latest")
    interrupted = JobRun.objects.filter(pk__in=latest, status=Status.INTERRUPTED, details__paused__isnull=True)
    names = set(interrupted.exclude(trigger=Trigger.COMMAND).values_list("job", flat=True))
    return [job.name for job in registry.all_jobs() if job.name in names and start_again(job.name)]


def put_right_late() -> list[str]:
    """Put right rows that would fire too late, unless this clock is wrong, by which they would fire again at once."""
    now, mended = database_now(), []
    late = ours().exclude(repeats=NEVER).filter(next_run__gt=now).order_by("pk")
    for row in () if is_clock_wrong(now) else late:
        following = tell_late(row, now)
        same = Schedule.objects.filter(pk=row.pk, next_run=row.next_run)
        if following and same.update(next_run=following, task=None):
            mended.append(str(row.name))
    return mended


def note_missed() -> list[JobRun]:
    """Write one `missed` run for each job whose times passed without a run, and start the job once for all of them.

    Either nothing was up at the time, and the row still waits for it: then its next time becomes one that is yet to
    come, so that the scheduler does not start the job besides. Or the task was handed to the queue, and was lost.
    """
    enabled = ours().exclude(repeats=NEVER).exclude(next_run=None)
    rows = {row.name: row for row in enabled.order_by("pk")}
    found = [_note_missed(rows[job.name]) for job in registry.all_jobs() if job.name in rows]
    missed = [run for run in found if run]
    for run in missed:
        logger.warning("%s: %s", run, run.message)
    return missed


def _note_missed(row: Schedule) -> JobRun | None:
    """Write down what one row has missed, in a transaction of its own: the scheduler, too, locks several rows."""
    with transaction.atomic():
        advisory_lock(LOCK)
        now = database_now()
        slots = _slots_without_run(row, now)
        return _note(str(row.name), slots, now) if slots else None


def _slots_without_run(row: Schedule, now: datetime) -> list[datetime]:
    """Return the times of a row that were missed; move its next time on where that is over."""
    try:
        expression = cron.normalise(row.cron or "")
    except InvalidCron:
        return []  # `set_aside_broken` tells it
    if row.next_run < now - MISSED_AFTER:
        slots = _overdue_slots(row, expression, now)
        ran = _slots_with_run(row, slots, now)
        return [slot for slot in slots if slot not in ran]
    if not row.task:
        return []
    slot = cron.previous_time(expression, row.next_run)
    return [slot] if now - LOOK_BACK < slot < now - MISSED_AFTER and _is_lost(row, slot, now) else []


def _is_lost(row: Schedule, slot: datetime, now: datetime) -> bool:
    """Whether the task that was made for a time has left the queue for good, and no run has come of it.

    A later run counts as well: somebody may have moved `next_run` by hand.
    """
    if _slots_with_run(row, [slot], now) or _is_in_queue(row.task):
        _gone_since.pop(row.task, None)
        return False
    return now - _gone_since.setdefault(row.task, now) >= LOST_AFTER


def _overdue_slots(row: Schedule, expression: str, now: datetime) -> list[datetime]:
    """Move the row's next time on, and return the times that are over; none where somebody else was first."""
    following = next(cron.times(expression, now))
    if not Schedule.objects.filter(pk=row.pk, next_run=row.next_run).update(next_run=following):
        return []
    slots = [row.next_run, *_between(expression, row.next_run, now)][:MOST_SLOTS]
    last = cron.previous_time(expression, following)
    return slots + ([last] if slots[-1] < last else [])


def _slots_with_run(row: Schedule, slots: Sequence[datetime], now: datetime) -> set[datetime | None]:
    """Return the times from the first of `slots` on for which there is a run; not those of a clock that was ahead."""
    if not slots:
        return set()
    return set(
        JobRun.objects.filter(job=row.name, slot__range=(slots[0], now + TOLERANCE)).values_list("slot", flat=True)
    )


def _between(expression: str, after: datetime, until: datetime) -> Iterator[datetime]:
    return takewhile(lambda slot: slot <= until, islice(cron.times(expression, after), MOST_SLOTS))


def _is_in_queue(task_id: str | None) -> bool:
    """Whether the queue still holds a task that has not begun."""
    return bool(task_id) and any(task.task_id() == task_id for task in OrmQ.objects.all())


def _note(name: str, slots: Sequence[datetime], now: datetime) -> JobRun:
    """Write down what was missed, and start the job again."""
    first, last = slots[0], slots[-1]
    if len(slots) == 1:
        message = f"It did not run at its time, {last:%Y-%m-%d %H:%M} UTC."
    else:
        count = f"{len(slots):,}" if len(slots) <= MOST_SLOTS else f"more than {MOST_SLOTS:,}"
        message = f"It did not run at {count} of its times, {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC."
    run = JobRun.objects.create(
        job=name,
        trigger=Trigger.SCHEDULE,
        status=Status.MISSED,
        slot=last,
        finished_at=now,
        message=message,
        details={"missed": len(slots), "first": first.isoformat(), "last": last.isoformat()},
    )
    start_again(name)
    return run


def start_again(name: str) -> bool:
    """Let a job wait for a run by recovery, unless one waits already, or an operator has disabled it."""
    if not any(decision.is_enabled for job, decision in decisions() if job.name == name):
        return False
    with transaction.atomic():
        advisory_lock(lease.LOCK)
        if JobRun.objects.filter(job=name, status=Status.QUEUED, dry_run=False).exists():
            return False
        JobRun.objects.create(job=name, trigger=Trigger.RECOVERY, message="It waits to make good what was lost.")
    return True


def dispatch() -> list[JobRun]:
    """Give waiting runs to the queue: those that it has lost, and the next recovery; return them.

    Recoveries go one at a time, in the order in which they wait, and not while everything is paused.
    """
    with transaction.atomic():
        advisory_lock(lease.LOCK)
        if Pause.objects.exists():
            return []
        waiting = list(JobRun.objects.filter(status=Status.QUEUED).order_by("pk"))
        begun = {run.pk for run in waiting if run.heartbeat_at}
        recent = {run.pk for run in waiting if run.task_id and run.queued_at > database_now() - LOST_AFTER}
        queued = {run.pk for run in waiting if run.task_id and _is_in_queue(run.task_id)}
        lost = [run for run in waiting if run.task_id and run.pk not in begun | recent | queued]
        is_busy = JobRun.objects.filter(
            Q(status=Status.RUNNING) | Q(status=Status.QUEUED, task_id__gt=""), trigger=Trigger.RECOVERY
        )
        fresh = [run for run in waiting if run.trigger == Trigger.RECOVERY and not run.task_id]
        given = lost if is_busy.exists() else lost + fresh[:1]
        for run in given:
            hand_over(run)
    return given

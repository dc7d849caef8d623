"""Runs that were lost, and times that were missed: told, and made good once.

The cluster command calls this in its own loop, not through the queue, where it could starve.
"""

import logging
import socket
from datetime import datetime, timedelta
from itertools import islice

import psutil
from django.db import transaction
from django.db.models import Max, Q
from django.db.models.functions import Now
from django_q.models import Schedule
from django_q.tasks import async_task

from maintenance import cron, lease, registry
from maintenance.clock import database_now
from maintenance.database import one_at_a_time
from maintenance.errors import InvalidCron
from maintenance.models import JobRun, Pause
from maintenance.schedules import LOCK, NEVER, ours

logger = logging.getLogger(__name__)
Status, Trigger = JobRun.Status, JobRun.Trigger

MISSED_AFTER = timedelta(minutes=15)
"""A time is missed when no run with it exists so much later."""
MOST_SLOTS = 10_000
"""So many missed times are counted at most."""
LOST_AFTER = timedelta(minutes=5)
"""A task that has not begun so long after it was handed to the queue is handed over again."""
RUN_QUEUED = "maintenance.tasks.run_queued"


def reap() -> list[JobRun]:
    """Declare runs crashed whose lease is lost, or whose process on this machine is gone; start their jobs again."""
    with transaction.atomic():
        one_at_a_time(lease.LOCK)
        vanished = [
            run.pk
            for run in JobRun.objects.filter(status__in=[Status.RUNNING, Status.QUEUED], host=socket.gethostname())
            if run.pid and not is_alive(run.pid)
        ]
        crashed = lease.declare_crashed(JobRun.objects.all(), vanished=vanished)
    for run in crashed:
        logger.error("%s crashed: its process vanished.", run)
        if not run.dry_run and run.trigger != Trigger.RECOVERY:
            start_again(run.job)
    return crashed


def is_alive(pid: int) -> bool:
    """Whether a process of this machine exists and has not ended."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def resume_interrupted() -> list[str]:
    """Start the jobs again whose last run was stopped by a shutdown of the cluster; return their names."""
    latest = JobRun.objects.filter(dry_run=False).order_by().values("job").annotate(latest=Max("pk")).values("latest")
    interrupted = JobRun.objects.filter(pk__in=latest, status=Status.INTERRUPTED).exclude(trigger=Trigger.COMMAND)
    names = set(interrupted.values_list("job", flat=True))
    return [job.name for job in registry.all_jobs() if job.name in names and start_again(job.name)]


def note_missed() -> list[JobRun]:
    """Write one `missed` run for each job whose time passed while nothing was up, and start the job once for all of it.

    The row's next time becomes one that is yet to come, so that the scheduler does not start the job besides.
    """
    missed = []
    with transaction.atomic():
        one_at_a_time(LOCK)
        now = database_now()
        overdue = ours().select_for_update().exclude(repeats=NEVER).filter(next_run__lt=now - MISSED_AFTER)
        rows = {row.name: row for row in overdue}
        for job in registry.all_jobs():
            if job.name in rows:
                missed += _note_missed(rows[job.name], now)
    for run in missed:
        logger.warning("%s: %s", run, run.message)
        start_again(run.job)
    return missed


def _note_missed(row: Schedule, now: datetime) -> list[JobRun]:
    try:
        expression = cron.normalise(row.cron or "")
    except InvalidCron:
        return []  # `set_aside_broken` tells it
    slots = [row.next_run, *_slots_between(expression, row.next_run, now)]
    Schedule.objects.filter(pk=row.pk).update(next_run=next(cron.times(expression, now), None))
    ran = set(JobRun.objects.filter(job=row.name, slot__in=slots[-100:]).values_list("slot", flat=True))
    slots = [slot for slot in slots if slot not in ran]
    if not slots:
        return []
    first, last = slots[0], slots[-1]
    times = "Its time" if len(slots) == 1 else f"{len(slots):,} of its times"
    run = JobRun.objects.create(
        job=row.name,
        trigger=Trigger.SCHEDULE,
        status=Status.MISSED,
        slot=last,
        finished_at=now,
        message=f"{times} passed while nothing was up ({first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC).",
        details={"missed": len(slots), "first": first.isoformat(), "last": last.isoformat()},
    )
    return [run]


def _slots_between(expression: str, after: datetime, until: datetime) -> list[datetime]:
    slots = []
    for slot in islice(cron.times(expression, after), MOST_SLOTS):
        if slot > until:
            break
        slots.append(slot)
    return slots


def start_again(name: str) -> bool:
    """Let a job wait for a run by recovery, unless one waits already."""
    with transaction.atomic():
        one_at_a_time(lease.LOCK)
        if JobRun.objects.filter(job=name, status=Status.QUEUED, dry_run=False).exists():
            return False
        JobRun.objects.create(job=name, trigger=Trigger.RECOVERY, message="Waits to make good a run that was lost.")
    return True


def dispatch() -> JobRun | None:
    """Hand the next waiting recovery to the queue: one at a time, in the order in which they wait."""
    with transaction.atomic():
        one_at_a_time(lease.LOCK)
        recoveries = JobRun.objects.filter(trigger=Trigger.RECOVERY)
        waiting = recoveries.filter(status=Status.QUEUED)
        handed_over = Q(queued_at__gt=Now() - LOST_AFTER) | Q(heartbeat_at__isnull=False)
        is_busy = recoveries.filter(status=Status.RUNNING).exists()
        if is_busy or waiting.exclude(task_id="").filter(handed_over).exists() or Pause.objects.exists():
            return None
        run = waiting.order_by("pk").first()
        if run:
            waiting.filter(pk=run.pk).update(task_id=async_task(RUN_QUEUED, run.pk), queued_at=Now())
    return run

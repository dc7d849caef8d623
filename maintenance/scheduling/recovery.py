"""Recovery of lost and interrupted runs, and of tasks that the queue lost: each is made up for once.

The cluster command calls these functions in its own loop, not through the queue, where they could starve.
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from maintenance import tasks
from maintenance.core import process_identity, registry
from maintenance.core.clock import database_now
from maintenance.core.database import advisory_lock
from maintenance.core.latest_rows import is_latest
from maintenance.core.states import UNFINISHED
from maintenance.engine import lease, pauses
from maintenance.models import JobRun
from maintenance.scheduling.late_schedules import is_clock_wrong, report_if_late
from maintenance.scheduling.run_requests import enqueue
from maintenance.scheduling.schedules import NEVER, decisions, ours

logger = logging.getLogger(__name__)
Status, Trigger = JobRun.Status, JobRun.Trigger

LOOKBACK = timedelta(days=8)
"""The age up to which lost tasks and interrupted runs are recovered: more than the longest interval of a schedule."""
LOST_AFTER = timedelta(minutes=2)
"""A task is lost when it is no longer in the queue and its run has not begun after this duration."""


def reap() -> list[JobRun]:
    """Declare runs crashed whose lease is lost or whose process is gone; `resume` starts them again.

    Only a process of this very boot and container can be seen to be gone. All others have their lease.
    """
    with transaction.atomic():
        advisory_lock(lease.LOCK)
        vanished = [
            run.pk
            for run in JobRun.objects.filter(status__in=UNFINISHED, machine=process_identity.machine())
            if run.pid and not process_identity.is_alive(run.pid, run.process_started)
        ]
        return lease.declare_crashed(JobRun.objects.all(), vanished=vanished)


def requeue_unstarted() -> int:
    """Requeue tasks that a process reserved and never started; return their number.

    A task of ours leaves the queue when it starts, so a reserved one waits for a worker, or its process is gone. A task
    that waits on another machine may then be delivered twice. The second delivery finds the run started and ends.
    """
    now = timezone.now()
    requeued = 0
    for task in OrmQ.objects.filter(lock__gt=now):
        if str(task.func()).startswith(f"{tasks.__name__}."):
            requeued += OrmQ.objects.filter(pk=task.pk, lock=task.lock).update(lock=now)
    return requeued


def resume() -> list[str]:
    """Request the recovery of jobs whose last run crashed or was interrupted by a shutdown; return their names.

    A run that an operator stopped, at the command line or by a pause, is not recovered. Neither is a recovery that
    crashed: the job runs again at its next scheduled time.
    """
    latest = is_latest(JobRun.objects.filter(dry_run=False), "job", registry.names())
    interrupted = Q(status=Status.INTERRUPTED, details__paused__isnull=True) & ~Q(trigger=Trigger.COMMAND)
    crashed = Q(status=Status.CRASHED) & ~Q(trigger=Trigger.RECOVERY)
    names = set(
        JobRun.objects.filter(latest, interrupted | crashed, queued_at__gt=Now() - LOOKBACK).values_list(
            "job", flat=True
        )
    )
    return [job.name for job in registry.all_jobs() if job.name in names and request_recovery(job.name)]


def correct_late_schedules() -> list[str]:
    """Correct the next time of rows that would fire too late, unless this host's clock is wrong; return their names."""
    now, corrected = database_now(), []
    late = ours().exclude(repeats=NEVER).filter(next_run__gt=now).order_by("pk")
    for row in () if is_clock_wrong(now) else late:
        following = report_if_late(row, now)
        same = Schedule.objects.filter(pk=row.pk, next_run=row.next_run)
        if following and same.update(next_run=following, task=None):
            corrected.append(str(row.name))
    return corrected


def is_in_queue(task_id: str | None) -> bool:
    """Return whether the queue still holds a task that has not started."""
    return bool(task_id) and any(task.task_id() == task_id for task in OrmQ.objects.all())


def request_recovery(name: str) -> bool:
    """Queue a recovery of a job, unless a run is queued or the job is disabled; return whether it was queued."""
    if not any(decision.is_enabled for job, decision in decisions() if job.name == name):
        return False
    with transaction.atomic():
        advisory_lock(lease.LOCK)
        if JobRun.objects.filter(job=name, status=Status.QUEUED, dry_run=False).exists():
            return False
        JobRun.objects.create(job=name, trigger=Trigger.RECOVERY, message="Waiting for recovery.")
    return True


def dispatch() -> list[JobRun]:
    """Enqueue the queued runs whose task was lost, and the next recovery; return them.

    Recoveries run one at a time, in the order in which they were queued, and not while their job is paused.
    """
    with transaction.atomic():
        advisory_lock(lease.LOCK)
        is_paused = Exists(pauses.of_job(OuterRef("job")))
        waiting = list(JobRun.objects.filter(~is_paused, status=Status.QUEUED).order_by("pk"))
        begun = {run.pk for run in waiting if run.heartbeat_at}
        recent = {run.pk for run in waiting if run.task_id and run.queued_at > database_now() - LOST_AFTER}
        queued = {run.pk for run in waiting if run.task_id and is_in_queue(run.task_id)}
        lost = [run for run in waiting if run.task_id and run.pk not in begun | recent | queued]
        is_busy = JobRun.objects.filter(
            Q(status=Status.RUNNING) | Q(status=Status.QUEUED, task_id__gt=""), trigger=Trigger.RECOVERY
        )
        fresh = [run for run in waiting if run.trigger == Trigger.RECOVERY and not run.task_id]
        given = lost if is_busy.exists() else lost + fresh[:1]
        for run in given:
            enqueue(run)
    return given

"""The lease: only one run of a job can be active, and it can be taken over when its process has stopped.

The running row is the lease. Its heartbeat is a time by the database's clock. The lease is lost when the heartbeat is
older than `MAINTENANCE_LEASE_SECONDS`, even if no other run took over. The lease fences every batch: the last statement
of the batch's transaction updates the row on the condition that the lease is held and no stop was requested. Otherwise
the batch rolls back.
"""

import os
import socket
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from maintenance.conf import settings
from maintenance.core import checkins, process_identity
from maintenance.core.clock import database_now
from maintenance.core.database import advisory_lock, backend_pid, is_connected, is_postgresql, set_on_connection
from maintenance.core.errors import MaintenanceError
from maintenance.core.job import Job
from maintenance.core.logs import RunLogger
from maintenance.core.states import UNFINISHED
from maintenance.core.time_text import minute, second
from maintenance.engine import pauses
from maintenance.engine.results import log_fields
from maintenance.models import JobRun

Status = JobRun.Status

LOCK = "maintenance.engine.lease"
"""The advisory lock under which a run starts or is declared crashed."""


class FenceClosed(Exception):
    """The run must not write any more: its lease is lost, or a stop was requested."""


class NotClaimed(MaintenanceError):
    """The database did not let the run start."""

    def __init__(self, cause: str) -> None:
        super().__init__(f"The run could not start ({cause}): check the database, then run the job again.")


@dataclass(frozen=True)
class Refused:
    """The reason why a run does not start: at all, or not while the job `waits_for` is running."""

    reason: str
    waits_for: str | None = None
    is_over: bool = False
    """The run was ended while it was queued."""
    is_paused: bool = False


def lease_time() -> timedelta:
    return timedelta(seconds=settings.MAINTENANCE_LEASE_SECONDS)


def is_alive() -> Q:
    """Condition on `JobRun`: the run is running and holds its lease."""
    return Q(status=Status.RUNNING, heartbeat_at__gt=Now() - lease_time())


def is_lost() -> Q:
    """Condition on `JobRun`: the run is running, or its process waits to start it, and its lease is lost."""
    has_process = Q(status=Status.RUNNING) | Q(status=Status.QUEUED, heartbeat_at__isnull=False)
    return has_process & ~Q(heartbeat_at__gt=Now() - lease_time())


def is_silent(run: JobRun, now: datetime) -> bool:
    """Return whether an unfinished run has lost its lease at `now`, which is a time of the database."""
    return run.heartbeat_at is not None and now - run.heartbeat_at > lease_time()


def claim(run: JobRun, job: Job, excluded: list[str]) -> Refused | None:
    """Make `run` the running one of its job, or return the reason why not.

    An advisory lock serialises claims on all machines; the partial unique constraint of `JobRun` would refuse a second
    running run as well. A running run whose lease is lost is declared crashed.
    """
    with transaction.atomic(durable=True):
        advisory_lock(LOCK)
        if not run._state.adding and not JobRun.objects.filter(pk=run.pk, status=Status.QUEUED).exists():
            return Refused("The run is not queued any more.", is_over=True)
        if pause := pauses.of_job(job.name).first():
            return Refused(pauses.sentence(pause), is_paused=True)
        others = JobRun.objects.filter(job__in=[job.name, *excluded], status__in=UNFINISHED).exclude(pk=run.pk)
        if not run.dry_run and others.exists():
            declare_crashed(JobRun.objects.filter(job__in=[job.name, *excluded]))
            running = JobRun.objects.filter(is_alive(), dry_run=False)
            if holder := running.filter(job=job.name).first():
                since = minute(holder.started_at or holder.queued_at)
                return Refused(f"Run {holder.pk} of this job is running on {holder.host} since {since}.")
            if rival := running.filter(job__in=excluded).first():
                return Refused(f"{rival.job} is running, and the two must not overlap.", waits_for=rival.job)
        _begin(run)
    return None


def _begin(run: JobRun) -> None:
    run.status, run.backend_pid, now = Status.RUNNING, backend_pid(), database_now()
    run.heartbeat_at = run.progressed_at = run.started_at = now
    run.message = ""  # what a queued run waited for
    _note_process(run)
    is_new = run.pk is None
    run.save()
    if is_new:
        # PostgreSQL checks no foreign key that is null of a row that is inserted and updated in one transaction. So a
        # start does not wait for a lock on the table of users.
        JobRun.objects.filter(pk=run.pk).update(heartbeat_at=now)
    _name_connection(run)


def _name_connection(run: JobRun) -> None:
    if is_postgresql():
        set_on_connection("application_name", application_name(run))


def move_to_this_connection(run: JobRun) -> None:
    """Go on with a run on a new connection, or raise `FenceClosed`. The lost connection is terminated first."""
    terminate_backend(run)
    number = backend_pid()
    if not _writable(run).update(backend_pid=number, heartbeat_at=Now()):
        raise FenceClosed
    run.backend_pid = number
    _name_connection(run)


def record_heartbeat(run: JobRun, **values: Any) -> None:
    """Save the run as this process's, with a heartbeat and with `values`."""
    _note_process(run)
    run.save()
    JobRun.objects.filter(pk=run.pk).update(heartbeat_at=Now(), **values)
    run.refresh_from_db()


def _note_process(run: JobRun) -> None:
    run.host, run.machine = socket.gethostname(), process_identity.machine()
    run.pid, run.process_started = os.getpid(), process_identity.started(os.getpid())


def has_connection(run: JobRun) -> bool:
    """Return whether the connection on which the run started still answers.

    When a transaction loses its connection, Django opens a new one at once. The new one has no time limits, and a
    take-over would not find it.
    """
    return is_connected() and backend_pid() == run.backend_pid


def declare_crashed(runs: QuerySet[JobRun], *, vanished: Collection[int] = ()) -> list[JobRun]:
    """Declare those of `runs` crashed whose lease is lost, or whose id is in `vanished` because their process is gone.

    The database process of a run is terminated first; then its row is ended. Each run has one record in the log.
    Returns the crashed runs.
    """
    is_gone = is_lost() | Q(status__in=UNFINISHED, pk__in=list(vanished))
    crashed = []
    for run in runs.filter(is_gone):
        terminate_backend(run)
        last = second(run.heartbeat_at) if run.heartbeat_at else "none"
        message = f"The process is gone. Last heartbeat: {last}."
        changed = JobRun.objects.filter(is_gone, pk=run.pk).update(
            status=Status.CRASHED, finished_at=Now(), message=message
        )
        if changed:
            run.refresh_from_db()
            RunLogger(__name__, job=run.job, run_id=run.pk).error(
                "%s crashed: %s", run, run.message, extra=log_fields(run)
            )
            crashed.append(run)
            if not run.dry_run:
                transaction.on_commit(partial(checkins.ended, run.job, run.status))
    return crashed


def terminate_backend(run: JobRun) -> None:
    """Terminate the PostgreSQL process of a lost run, to free its locks; the name proves that the pid is its own."""
    if is_postgresql() and run.backend_pid:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = %s AND application_name = %s",
                [run.backend_pid, application_name(run)],
            )


def application_name(run: JobRun) -> str:
    """Return the name of a run's connection in `pg_stat_activity`."""
    return f"maintenance run {run.pk}"


def renew(run: JobRun, *, idle_seconds: float) -> bool:
    """Renew the lease of a run whose last progress was some seconds ago; return `False` when it is lost already."""
    progressed_at = Now() - timedelta(seconds=idle_seconds)
    return bool(JobRun.objects.filter(is_alive(), pk=run.pk).update(heartbeat_at=Now(), progressed_at=progressed_at))


def fence(run: JobRun, values: Mapping[str, Any]) -> None:
    """Add a batch to the run's row, or raise `FenceClosed`: the last statement of the batch's transaction."""
    if not _writable(run).update(heartbeat_at=Now(), progressed_at=Now(), **values):
        raise FenceClosed


def is_open(run: JobRun) -> bool:
    """Return whether the fence would accept the run's next batch."""
    return _writable(run).exists()


def _writable(run: JobRun) -> QuerySet[JobRun]:
    """Return the run's row while it holds its lease, is not cancelled, and its job is not paused."""
    is_paused = Exists(pauses.of_job(OuterRef("job")))
    return JobRun.objects.filter(is_alive(), ~is_paused, pk=run.pk, cancel_requested_at=None)


def finish(run: JobRun, status: Status, values: Mapping[str, Any]) -> bool:
    """End the run as `status`, and read its row again; `False` when it was declared crashed in between."""
    changed = JobRun.objects.filter(pk=run.pk, status=Status.RUNNING).update(status=status, finished_at=Now(), **values)
    run.refresh_from_db()
    return bool(changed)


def end_from_outside(run: JobRun, status: Status, message: str) -> None:
    """End a run whose thread does not answer. The value `run` belongs to that thread and stays as it is."""
    terminate_backend(run)
    row = JobRun.objects.get(pk=run.pk)
    if finish(row, status, {"message": message}):
        RunLogger(__name__, job=row.job, run_id=row.pk).info("%s", message, extra=log_fields(row))
        if not row.dry_run:
            checkins.ended(row.job, row.status)
            checkins.drain()  # the process may be about to end

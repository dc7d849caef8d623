"""The lease: who may run a job, for how long, and who takes over.

The running row is the lease. It lives by its heartbeat, told by the database's clock, and it is lost when the
heartbeat is older than `MAINTENANCE_LEASE_SECONDS`, even if nobody took over. What a run writes is fenced by it: the
last statement of every batch's transaction updates the row on the condition that the lease is held and nobody asked for
a stop; otherwise the batch rolls back.
"""

import os
import socket
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, Q, QuerySet
from django.db.models.functions import Now

from maintenance.conf import settings
from maintenance.core.database import advisory_lock, is_connected, is_postgresql, set_on_connection
from maintenance.core.errors import MaintenanceError
from maintenance.core.job import Job
from maintenance.core.logs import RunLogger
from maintenance.core.states import UNFINISHED
from maintenance.core.time_text import second
from maintenance.engine.results import log_fields
from maintenance.models import JobRun, Pause

Status = JobRun.Status

LOCK = "maintenance.engine.lease"
"""Held by whoever decides which run may begin, or that one is over."""


class FenceClosed(Exception):
    """The run may not write any more: its lease is lost, or it was asked to stop."""


class NotClaimed(MaintenanceError):
    """The database did not let the run begin."""

    def __init__(self, cause: str) -> None:
        super().__init__(f"The run could not begin ({cause}): see that the database is well, and run the job again.")


@dataclass(frozen=True)
class Refused:
    """Why a run does not start: now, or not while `waits_for` is on."""

    reason: str
    waits_for: str | None = None
    is_over: bool = False
    """Somebody else has ended the run while it waited."""


def lease_time() -> timedelta:
    return timedelta(seconds=settings.MAINTENANCE_LEASE_SECONDS)


def is_alive() -> Q:
    """Condition on `JobRun`: it runs and holds its lease."""
    return Q(status=Status.RUNNING, heartbeat_at__gt=Now() - lease_time())


def is_lost() -> Q:
    """Condition on `JobRun`: its row says that it runs, or that its process waits to begin, and its lease is lost."""
    has_process = Q(status=Status.RUNNING) | Q(status=Status.QUEUED, heartbeat_at__isnull=False)
    return has_process & ~Q(heartbeat_at__gt=Now() - lease_time())


def is_silent(run: JobRun, now: datetime) -> bool:
    """Whether an unfinished run, as it was read, has lost its lease; `now` is the time of the database."""
    return run.heartbeat_at is not None and now - run.heartbeat_at > lease_time()


def claim(run: JobRun, job: Job, excluded: list[str]) -> Refused | None:
    """Make `run` the running one of its job, or say why not.

    Only one claim is looked at at a time, on all machines; the partial unique constraint of `JobRun` would refuse the
    loser anyway. A run in the way whose lease is lost is declared crashed.
    """
    with transaction.atomic(durable=True):
        advisory_lock(LOCK)
        if not run._state.adding and not JobRun.objects.filter(pk=run.pk, status=Status.QUEUED).exists():
            return Refused("It does not wait any more.", is_over=True)
        if pause := Pause.objects.first():
            return Refused(f"Maintenance is paused since {pause.paused_at:%Y-%m-%d %H:%M} UTC.")
        if not run.dry_run:
            declare_crashed(JobRun.objects.filter(job__in=[job.name, *excluded]))
            running = JobRun.objects.filter(is_alive(), dry_run=False)
            if holder := running.filter(job=job.name).first():
                since = f"{holder.started_at:%Y-%m-%d %H:%M} UTC"
                return Refused(f"Run {holder.pk} of this job is on since {since} on {holder.host}.")
            if rival := running.filter(job__in=excluded).first():
                return Refused(f"{rival.job} is on, and the two must not overlap.", waits_for=rival.job)
        _begin(run)
    return None


def _begin(run: JobRun) -> None:
    run.status, run.backend_pid = Status.RUNNING, _backend_pid()
    record_heartbeat(run, started_at=Now())
    if is_postgresql():
        set_on_connection("application_name", application_name(run))


def record_heartbeat(run: JobRun, **values: Any) -> None:
    """Save the run as this process's, and give its first sign of life; `values` are written besides."""
    run.host, run.pid = socket.gethostname(), os.getpid()
    run.save()
    JobRun.objects.filter(pk=run.pk).update(heartbeat_at=Now(), **values)
    run.refresh_from_db()


def has_connection(run: JobRun) -> bool:
    """Whether the connection that the run began on still answers.

    Where a transaction ends with its connection lost, Django opens another one at once: that has no time limits, and no
    take-over would find it.
    """
    return is_connected() and _backend_pid() == run.backend_pid


def _backend_pid() -> int | None:
    return connection.connection.info.backend_pid if is_postgresql() else None


def declare_crashed(runs: QuerySet[JobRun], *, vanished: Collection[int] = ()) -> list[JobRun]:
    """End those of `runs` whose lease is lost, or whose id is among the `vanished`, whose process is known to be gone.

    Their database process is ended first, then the row. Each has one record in the log. Returns them.
    """
    is_gone = is_lost() | Q(status__in=UNFINISHED, pk__in=list(vanished))
    crashed = []
    for run in runs.filter(is_gone):
        _terminate_backend(run)
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
    return crashed


def _terminate_backend(run: JobRun) -> None:
    """End the PostgreSQL process of a lost run, so that a stopped client's row locks go; the name guards its pid."""
    if is_postgresql() and run.backend_pid:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = %s AND application_name = %s",
                [run.backend_pid, application_name(run)],
            )


def application_name(run: JobRun) -> str:
    """What a run's connection is called in `pg_stat_activity`."""
    return f"maintenance run {run.pk}"


def renew(run: JobRun) -> bool:
    """Renew the lease; `False` when it is lost already."""
    return bool(JobRun.objects.filter(is_alive(), pk=run.pk).update(heartbeat_at=Now()))


def fence(run: JobRun, values: Mapping[str, Any]) -> None:
    """Add a batch to the run's row, or raise `FenceClosed`: the last statement of the batch's transaction."""
    if not _unhindered(run).update(heartbeat_at=Now(), **values):
        raise FenceClosed


def is_open(run: JobRun) -> bool:
    """Whether the fence would let the run's next batch through."""
    return _unhindered(run).exists()


def _unhindered(run: JobRun) -> QuerySet[JobRun]:
    """The run's row, while it holds its lease and neither it nor everything was told to stop."""
    return JobRun.objects.filter(is_alive(), ~Exists(Pause.objects.all()), pk=run.pk, cancel_requested_at=None)


def finish(run: JobRun, status: Status, values: Mapping[str, Any]) -> bool:
    """End the run as `status`, and read its row again; `False` when it was declared crashed in between."""
    changed = JobRun.objects.filter(pk=run.pk, status=Status.RUNNING).update(status=status, finished_at=Now(), **values)
    run.refresh_from_db()
    return bool(changed)

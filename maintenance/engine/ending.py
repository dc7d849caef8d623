"""The ending of a run: the state, message, details and error that its row gets."""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.db import Error

from maintenance.conf import settings
from maintenance.core.database import reconnect_if_lost
from maintenance.core.errors import ErrorRecord, MaintenanceError, record_of, summary_of
from maintenance.core.logs import RunLogger
from maintenance.core.states import Status
from maintenance.engine import lease, pauses
from maintenance.engine.cancellation import CancellationToken
from maintenance.engine.executor import Executor
from maintenance.engine.results import out_of_time, requested
from maintenance.engine.volume_guard import VolumeGuardStopped
from maintenance.engine.watchdog import Interrupted, NoProgress, stall_limit
from maintenance.models import JobRun


@dataclass
class Ending:
    """The ending of a run. It is failed until something better is known."""

    status: Status = Status.FAILED
    message: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    done: int = 0
    error: ErrorRecord | None = None
    reraise: BaseException | None = None
    """An exception that is raised again once the run has ended, because it ends the process."""


def of_completion(executor: Executor) -> Ending:
    """Return the ending of a run that finished its work or used up its time budget."""
    message, in_time = executor.sentence(), Status.SUCCEEDED
    if executor.is_out_of_time:
        message = f"{message} {out_of_time(executor.tally.backlog)}".strip()
        in_time = Status.OUT_OF_TIME
    # A run with failures has partially failed even when it is out of time: an operator has to find the cause.
    return Ending(Status.PARTIAL if executor.tally.errors else in_time, message)


def of_exception(error: BaseException, run: JobRun, executor: Executor | None, token: CancellationToken) -> Ending:
    """Return the ending of a run that an exception ended."""
    if isinstance(error, lease.FenceClosed):
        return _of_stop(run, executor, token)
    if isinstance(error, MaintenanceError):
        details = {"brake": error.due} if isinstance(error, VolumeGuardStopped) else {}
        return Ending(message=str(error), details=details)
    if isinstance(error, Error | Interrupted) and (token.is_requested or not lease.has_connection(run)):
        return _of_stop(run, executor, token)
    if isinstance(error, Interrupted):
        return Ending(message=f"The run made {NoProgress(stall_limit())} and was stopped by the watchdog.")
    ending = Ending(message=f"An unexpected error ended the run: {summary_of(error)}.", error=record_of(error))
    if isinstance(error, Exception):
        RunLogger(__name__, job=run.job, run_id=run.pk).error("The run failed.", exc_info=error)
        return ending
    with suppress(Error):
        _settle(executor)
    ending.reraise = error
    return ending


def complete(ending: Ending, run: JobRun, executor: Executor | None) -> Ending:
    """Add what the run did to its ending."""
    if executor is None:
        ending.details = requested(run.details) | ending.details
        return ending
    ending.done = executor.tally.done
    ending.details = executor.tally.details() | ending.details
    return ending


def _of_stop(run: JobRun, executor: Executor | None, token: CancellationToken) -> Ending:
    """Tell a run that was cancelled, paused or shut down from one that lost its lease or its connection."""
    try:
        _settle(executor)
        run.refresh_from_db()
        pause = pauses.of_job(run.job).first()
        is_alive = JobRun.objects.filter(lease.is_alive(), pk=run.pk).exists()
    except Error:
        return Ending()  # `_finish` gets the same error and reports it
    done = ""
    if executor and executor.has_counted:
        executor.tally.backlog = executor.remaining
        done = f" {executor.sentence()} {executor.remaining:,} remaining."
    if not is_alive:
        silence = f"The run sent no heartbeat for longer than its lease ({settings.MAINTENANCE_LEASE_SECONDS:g} s)"
        return Ending(Status.CRASHED, f"{silence} and stopped.{done}")
    if run.cancel_requested_at:
        return Ending(Status.CANCELLED, f"Cancelled.{done}")
    if pause:
        paused = "the job is" if pause.job else "all jobs are"
        message = f"Stopped because {paused} paused.{done}"
        return Ending(Status.INTERRUPTED, message, details={"paused": True})
    if token.is_requested:
        return Ending(Status.INTERRUPTED, f"Interrupted.{done}")
    return Ending(Status.CRASHED, f"The connection to the database was lost.{done}")


def _settle(executor: Executor | None) -> None:
    """Reconnect where the connection is lost, and find out what is committed."""
    reconnect_if_lost()
    if executor:
        executor.committer.settle()

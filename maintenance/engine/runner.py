"""The one place where a run starts and ends."""

import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import Error, IntegrityError
from django.db.models.functions import Now

from maintenance.conf import settings
from maintenance.core import registry
from maintenance.core.clock import database_now
from maintenance.core.database import maintenance_limits, reconnect_if_lost
from maintenance.core.errors import ErrorRecord, MaintenanceError, record_of, summary_of
from maintenance.core.job import Job
from maintenance.core.logs import RunLogger
from maintenance.core.states import Status
from maintenance.engine import lease, preflight
from maintenance.engine.cancellation import StopToken
from maintenance.engine.executor import Progress, Work
from maintenance.engine.heartbeat import Heartbeat
from maintenance.engine.results import JobResult, asked, log_fields, out_of_time
from maintenance.engine.volume_guard import BrakeApplied
from maintenance.models import JobRun, Pause

LOCK_TIMED_OUT = "55P03"
RIVAL_POLL = 1.0
"""Seconds between looks whether a job that must not overlap has ended."""


def run_now(
    name: str,
    dry_run: bool = False,
    *,
    trigger: JobRun.Trigger = JobRun.Trigger.COMMAND,
    requested_by: AbstractBaseUser | None = None,
    slot: datetime | None = None,
    confirm_count: int | None = None,
    stop: StopToken | None = None,
    progress: Progress | None = None,
    now: datetime | None = None,
    options: Collection[str] = (),
) -> JobResult:
    """Run a job to its end, in this process, and return what came of it.

    `confirm_count` is the number due up to which an operator releases the brake; `stop` carries the wish to stop;
    cutoffs count from `now`, which is the database's time unless given; `options` are names of the job's own. Raises
    `UnknownJob` for a name that is not registered, `ValueError` for an option that the job does not have, and
    `NotReady` when something has to be mended first, or `NotClaimed` when the database does not let the run begin;
    whatever goes wrong later is told in the result.
    """
    job = registry.get(name)
    if unknown := set(options).difference(option.name for option in job.options):
        raise ValueError(f"The job '{name}' has no option '{min(unknown)}'.")
    preflight.verify()
    run = JobRun(
        job=name, trigger=trigger, dry_run=dry_run, slot=slot, requested_by_id=requested_by.pk if requested_by else None
    )
    _to_its_end(run, job, stop or StopToken(), confirm_count, progress or _silent, now, options)
    return JobResult.of(run)


def run_for_queue(run: JobRun, stop: StopToken) -> JobRun:
    """Run for the queue: a new `run` of a schedule, or one that waits. Whatever keeps it from beginning ends it.

    A time that has its run already is not run again: then that run is returned.
    """
    if run.slot and (other := JobRun.objects.filter(job=run.job, slot=run.slot).first()):
        return other
    if stop.is_requested:
        _decline(run, Status.INTERRUPTED, "The cluster was shutting down.")
        return run
    try:
        job = registry.get(run.job)
        preflight.verify()
        _to_its_end(run, job, stop, run.details.get("confirm_count"))
    except MaintenanceError as error:
        _decline(run, Status.FAILED, str(error))
    except Exception as error:
        RunLogger(__name__, job=run.job, run_id=run.pk).exception("The run could not begin.")
        _decline(run, Status.FAILED, f"It could not begin ({summary_of(error)}).")
    return run


def _silent(_done: int, _due: int) -> None:
    """Report no progress."""


def _to_its_end(
    run: JobRun,
    job: Job,
    stop: StopToken,
    confirm_count: int | None = None,
    progress: Progress = _silent,
    now: datetime | None = None,
    options: Collection[str] = (),
) -> None:
    with maintenance_limits():
        if _start(run, job, stop):
            ending = _perform(run, job, now or database_now(), stop, confirm_count, progress, options)
            _finish(run, ending)
            if ending.passed_on:
                raise ending.passed_on


def _start(run: JobRun, job: Job, stop: StopToken) -> bool:
    """Claim the lease, waiting in `queued` for a job that must not overlap; otherwise end the run, and say why."""
    excluded = [other.name for other in registry.all_jobs() if other.name in job.excludes or job.name in other.excludes]
    answered_at = time.monotonic()
    while True:
        try:
            refusal = lease.claim(run, job, excluded)
            answered_at = time.monotonic()
            if not refusal:
                return True
            if refusal.is_over:
                run.refresh_from_db()
                return False
            if refusal.waits_for is None:
                return _decline(run, Status.SKIPPED, refusal.reason)
            run.message = f"It waits: {refusal.reason}"
            lease.sign(run)
        except IntegrityError:
            run.slot = None  # the time may be what the other one has already
            return _decline(run, Status.SKIPPED, "Another run of this job is on, or waits, or was at this time.")
        except Error as error:
            # Who holds the lock may have been stopped in mid-claim: its transaction is ended after a lease.
            is_hopeless = time.monotonic() - answered_at > settings.MAINTENANCE_LEASE_SECONDS
            if is_hopeless or record_of(error)["sqlstate"] != LOCK_TIMED_OUT:
                raise lease.NotClaimed(summary_of(error)) from error
            refusal = lease.Refused("another process is about to begin a run.")
        stop.wait(RIVAL_POLL)
        if stop.is_requested:
            return _decline(run, Status.INTERRUPTED, f"Stopped while waiting: {refusal.reason}")


def _decline(run: JobRun, status: JobRun.Status, reason: str) -> bool:
    run.status, run.message = status, reason
    run.save()
    JobRun.objects.filter(pk=run.pk).update(finished_at=Now())
    run.refresh_from_db()
    RunLogger(__name__, job=run.job, run_id=run.pk).info("%s", reason, extra=log_fields(run))
    return False


@dataclass
class _Ending:
    """How a run ends; failed, until something better is known."""

    status: JobRun.Status = Status.FAILED
    message: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    done: int = 0
    error: ErrorRecord | None = None
    passed_on: BaseException | None = None
    """What must reach the caller all the same: somebody ends the process."""


def _perform(
    run: JobRun,
    job: Job,
    now: datetime,
    stop: StopToken,
    confirm_count: int | None,
    progress: Progress,
    options: Collection[str],
) -> _Ending:
    """Do the work, and say how it ended, whatever happens."""
    ending = _Ending()
    log = RunLogger(__name__, job=job.name, run_id=run.pk)
    work = None
    try:
        with Heartbeat(run, stop) as heartbeat:
            work = Work(job, run, now, stop, heartbeat, options)
            if run.dry_run:
                work.preview()
            else:
                work.perform(confirm_count, progress)
            _tell_end(ending, work)
    except lease.FenceClosed:
        _tell_stop(ending, run, work, stop)
    except MaintenanceError as error:
        ending.message = str(error)
        if isinstance(error, BrakeApplied):
            ending.details["brake"] = error.due
    except Exception as error:
        if isinstance(error, Error) and (stop.is_requested or not lease.has_connection(run)):
            _tell_stop(ending, run, work, stop)
        else:
            _tell_error(ending, error)
            log.exception("The run failed.")
    except BaseException as error:
        with suppress(Error):
            _settle(work)
        _tell_error(ending, error)
        ending.passed_on = error
    if work:
        ending.done = work.tally.done
    ending.details = (work.tally.details() if work else asked(run.details)) | ending.details
    return ending


def _tell_end(ending: _Ending, work: Work) -> None:
    """A run with failures is partial even where it also ran out of time: somebody has to find out why."""
    ending.message = work.sentence()
    if work.is_out_of_time:
        ending.message = f"{ending.message} {out_of_time(work.tally.backlog)}".strip()
    in_time = Status.OUT_OF_TIME if work.is_out_of_time else Status.SUCCEEDED
    ending.status = Status.PARTIAL if work.tally.errors else in_time


def _tell_error(ending: _Ending, error: BaseException) -> None:
    ending.error = record_of(error)
    ending.message = f"It failed with an unexpected error: {summary_of(error)}."


def _settle(work: Work | None) -> None:
    """Be connected, and know what is committed."""
    reconnect_if_lost()
    if work:
        work.settle()


def _tell_stop(ending: _Ending, run: JobRun, work: Work | None, stop: StopToken) -> None:
    """Tell a run that was cancelled, paused or shut down from one that lost its lease or its connection."""
    try:
        _settle(work)
        run.refresh_from_db()
        is_paused = Pause.objects.exists()
        is_alive = JobRun.objects.filter(lease.is_alive(), pk=run.pk).exists()
    except Error:
        return  # `_finish` meets the same, and tells it
    done = ""
    if work:
        work.tally.backlog = work.remaining
        done = f" {work.sentence()} {work.remaining:,} remain for the next run."
    if not is_alive:
        silence = f"It gave no sign of life for longer than its lease ({settings.MAINTENANCE_LEASE_SECONDS:g} s)"
        ending.status, ending.message = Status.CRASHED, f"{silence}, and stopped.{done}"
    elif run.cancel_requested_at:
        ending.status, ending.message = Status.CANCELLED, f"Cancelled.{done}"
    elif is_paused:
        ending.status, ending.message = Status.INTERRUPTED, f"Stopped, because maintenance is paused.{done}"
        ending.details["paused"] = True
    elif stop.is_requested:
        ending.status, ending.message = Status.INTERRUPTED, f"Interrupted.{done}"
    else:
        ending.message = f"The connection to the database was lost.{done}"


def _finish(run: JobRun, ending: _Ending) -> None:
    """End the run's row; a run that was declared crashed meanwhile stays so."""
    log = RunLogger(__name__, job=run.job, run_id=run.pk)
    values = {
        "message": ending.message,
        "error": ending.error,
        "items_done": ending.done,
        "details": ending.details,
    }
    try:
        reconnect_if_lost()
        lease.finish(run, ending.status, values)
    except Error:
        # The row still says running; whoever looks next declares it crashed when its lease is over.
        run.status = Status.CRASHED
        run.message = "The database cannot be reached any more; start it, and run the job again."
        log.exception("%s", run.message, extra=log_fields(run))
    else:
        log.info("%s", run.message, extra=log_fields(run))

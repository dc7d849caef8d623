"""The one place where a run starts and ends."""

import time
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import Error, IntegrityError
from django.db.models.functions import Now

from maintenance.conf import settings
from maintenance.core import checkins, registry
from maintenance.core.clock import database_now
from maintenance.core.database import maintenance_limits, reconnect_if_lost
from maintenance.core.errors import MaintenanceError, record_of, summary_of
from maintenance.core.job import Job
from maintenance.core.logs import RunLogger, unfailing_handlers
from maintenance.core.sqlstates import LOCK_TIMED_OUT
from maintenance.core.states import Status
from maintenance.engine import ending as endings, lease, preflight
from maintenance.engine.cancellation import CancellationToken
from maintenance.engine.ending import Ending
from maintenance.engine.executor import Executor
from maintenance.engine.heartbeat import Heartbeat
from maintenance.engine.results import JobResult, log_fields
from maintenance.engine.run_options import Progress, RunOptions, no_progress
from maintenance.engine.watchdog import Watchdog
from maintenance.models import JobRun

RIVAL_POLL = 1.0
"""Seconds between two checks that a job which must not overlap has ended."""


def run_now(
    name: str,
    dry_run: bool = False,
    *,
    trigger: JobRun.Trigger = JobRun.Trigger.COMMAND,
    requested_by: AbstractBaseUser | None = None,
    slot: datetime | None = None,
    confirm_count: int | None = None,
    stop: CancellationToken | None = None,
    progress: Progress | None = None,
    now: datetime | None = None,
    options: Collection[str] = (),
) -> JobResult:
    """Run a job to its end, in this process, and return its result.

    `confirm_count` is the number due up to which an operator releases the volume guard; `stop` can stop the run;
    cutoffs count from `now`, which is the database's time unless given; `options` are names of the job's own. Raises
    `UnknownJob` for a name that is not registered, `ValueError` for an option that the job does not have, and
    `NotReady` when a setting, the database or a clock must be corrected first, or `NotClaimed` when the database does
    not let the run start. The result reports every later error.
    """
    job = registry.get(name)
    if unknown := set(options).difference(option.name for option in job.options):
        raise ValueError(f"The job '{name}' has no option '{min(unknown)}'.")
    preflight.verify()
    preflight.verify_job(job)
    run = JobRun(
        job=name, trigger=trigger, dry_run=dry_run, slot=slot, requested_by_id=requested_by.pk if requested_by else None
    )
    _run_to_its_end(
        run,
        job,
        RunOptions(stop or CancellationToken(), progress or no_progress, confirm_count, now, frozenset(options)),
    )
    return JobResult.of(run)


def run_for_queue(run: JobRun, stop: CancellationToken) -> JobRun:
    """Execute a run for the queue: a new `run` of a schedule, or a queued one. An error before its start ends it.

    A scheduled time runs once: where it has a run already, that run is returned.
    """
    if run.slot and (other := JobRun.objects.filter(job=run.job, slot=run.slot).first()):
        return other
    if stop.is_requested:
        _decline(run, Status.INTERRUPTED, "The cluster was shutting down.")
        return run
    try:
        job = registry.get(run.job)
        preflight.verify()
        preflight.verify_job(job)
        _run_to_its_end(run, job, RunOptions(stop, confirm_count=run.details.get("confirm_count")))
    except MaintenanceError as error:
        _decline(run, Status.FAILED, str(error))
    except Exception as error:
        RunLogger(__name__, job=run.job, run_id=run.pk).exception("The run could not start.")
        _decline(run, Status.FAILED, f"The run could not start ({summary_of(error)}).")
    return run


def _run_to_its_end(run: JobRun, job: Job, options: RunOptions) -> None:
    """Start a run, execute it, and save its ending."""
    with unfailing_handlers(), maintenance_limits():
        if _start(run, job, options.token):
            if not run.dry_run:
                checkins.started(run.job)
            with options.token.follower() as token:  # what stops this run alone stops no other of the process
                ending = _execute(run, job, replace(options, token=token))
            if _finish(run, ending) and not run.dry_run:
                checkins.ended(run.job, run.status)
            if ending.reraise:
                raise ending.reraise


def _execute(run: JobRun, job: Job, options: RunOptions) -> Ending:
    """Execute a run and return its ending. Raises nothing."""
    executor = None
    try:
        with Watchdog(run, options.token) as watchdog, Heartbeat(run, options.token, watchdog):
            executor = Executor(job, run, options.now or run.started_at or database_now(), watchdog, options)
            if run.dry_run:
                executor.dry_run()
            else:
                executor.execute()
            ending = endings.of_completion(executor)
    except BaseException as error:
        ending = endings.of_exception(error, run, executor, options.token)
    return endings.complete(ending, run, executor)


def _start(run: JobRun, job: Job, stop: CancellationToken) -> bool:
    """Claim the lease, and wait in `queued` for a job that must not overlap; otherwise end the run with the reason."""
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
            if refusal.is_paused:
                return _decline_in_pause(run, refusal.reason)
            if refusal.waits_for is None:
                return _decline(run, Status.SKIPPED, refusal.reason)
            run.message = f"Waiting: {refusal.reason}"
            lease.record_heartbeat(run)
        except IntegrityError:
            run.slot = None  # the other run may have this scheduled time
            return _decline(
                run, Status.SKIPPED, "Another run of this job is running or queued, or has this scheduled time."
            )
        except Error as error:
            # The process with the lock may have been stopped during its claim: its transaction ends after a lease.
            is_hopeless = time.monotonic() - answered_at > settings.MAINTENANCE_LEASE_SECONDS
            if is_hopeless or record_of(error)["sqlstate"] != LOCK_TIMED_OUT:
                raise lease.NotClaimed(summary_of(error)) from error
            refusal = lease.Refused("another process is starting a run.")
        stop.wait(RIVAL_POLL)
        if stop.is_requested:
            return _decline(run, Status.INTERRUPTED, f"Stopped while waiting: {refusal.reason}")


def _decline(run: JobRun, status: JobRun.Status, reason: str) -> bool:
    run.status, run.message = status, reason
    run.save()
    JobRun.objects.filter(pk=run.pk).update(finished_at=Now())
    run.refresh_from_db()
    RunLogger(__name__, job=run.job, run_id=run.pk).info("%s", reason, extra=log_fields(run))
    if not run.dry_run:
        checkins.ended(run.job, status)
    return False


def _decline_in_pause(run: JobRun, reason: str) -> bool:
    """End a run that a pause refuses. What was to be made good, or has a scheduled time, is so after the pause.

    A recovery stays queued. The run of a scheduled time ends without it: the end of the pause finds the time unused.
    """
    waiting = JobRun.objects.filter(pk=run.pk, status=Status.QUEUED, trigger=JobRun.Trigger.RECOVERY)
    if waiting.update(task_id="", heartbeat_at=None, pid=None, message=f"Waiting: {reason}"):
        run.refresh_from_db()
        return False
    run.slot = None
    return _decline(run, Status.SKIPPED, reason)


def _finish(run: JobRun, ending: Ending) -> bool:
    """End the run's row; return `False` for a run that was declared crashed meanwhile, which stays so."""
    log = RunLogger(__name__, job=run.job, run_id=run.pk)
    values = {
        "message": ending.message,
        "error": ending.error,
        "items_done": ending.done,
        "details": ending.details,
    }
    try:
        reconnect_if_lost()
        has_ended = lease.finish(run, ending.status, values)
    except Error:
        # The row still says running. After the lease it is declared crashed, and logged as the end of the run.
        run.status = Status.CRASHED
        run.message = "The database cannot be written any more: start it or make it writable, then run the job again."
        log.exception("%s", run.message)
        return True
    # The end of a run that was declared crashed is already in the log.
    log.info("%s", run.message, extra=log_fields(run) if has_ended else {})
    return has_ended

"""The health checks of jobs and their runs; see `maintenance.health.probes`."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils.translation import gettext as _, gettext_lazy as _lazy, ngettext

from maintenance.conf import settings
from maintenance.core import registry
from maintenance.core.job import Job
from maintenance.core.states import FAILURES, Status
from maintenance.core.time_text import duration, minute, relative
from maintenance.engine import lease, volume_guard
from maintenance.engine.results import JobResult
from maintenance.engine.watchdog import stall_limit
from maintenance.health.check_result import CheckResult
from maintenance.health.context import HealthContext, UnfinishedRun
from maintenance.health.overdue import overdue_jobs
from maintenance.health.remedies import RESTART, START
from maintenance.models import JobRun
from maintenance.reporting import status
from maintenance.reporting.status import SAVE_AGAIN, SET_ANOTHER, JobStatus

SCHEDULE_WITHIN = timedelta(seconds=90)
"""A schedule fires within this time."""
RUN_WITHIN = timedelta(minutes=15)
"""A worker takes a requested run within this time, unless all workers are busy."""
WATCHDOG_WITHIN = timedelta(minutes=1)
"""The watchdog of a run has ended a batch within this time after the limit. The row shows it at the next heartbeat."""

REAP = _lazy("The cluster declares it crashed and starts the job again: check that a cluster is running.")
HANGS = _lazy("End its process: the cluster declares it crashed and starts the job again.")


def probe_jobs(context: HealthContext) -> Iterator[CheckResult]:
    """Check that each job can be loaded, is scheduled as decided, and did not fail last time."""
    jobs = context.statistics.jobs
    results = [result for job in jobs for result in (*_of_schedule(job, context.now), *_of_last_run(job))]
    yield from results
    if not results:
        sentence = ngettext(
            "The only job is on schedule, and its last run did not fail.",
            "All %(number)d jobs are on schedule, and none of their last runs failed.",
            len(jobs),
        )
        yield CheckResult.ok("jobs", sentence % {"number": len(jobs)})


def _of_schedule(job: JobStatus, now: datetime) -> Iterator[CheckResult]:
    broken = registry.broken()
    if job.name in broken:
        sentence = _("%(job)s cannot be loaded (%(reason)s).") % {"job": job.name, "reason": broken[job.name]}
        yield CheckResult.error("job-broken", sentence, _("Correct its module, then restart the program."), job.name)
    elif job.problem:
        remedy = SET_ANOTHER if job.problem.endswith(str(SET_ANOTHER)) else SAVE_AGAIN
        reason = job.problem.removesuffix(str(remedy)).rstrip(":. ")
        sentence = _("The schedule of %(job)s is broken (%(reason)s).")
        sentence %= {"job": job.name, "reason": f"{reason[:1].lower()}{reason[1:]}"}
        yield CheckResult.error("schedule-broken", sentence, remedy, job.name)
    elif job.next_run and now - job.next_run > SCHEDULE_WITHIN and not job.paused:
        sentence = _("%(job)s was due to start %(age)s, and has not started.")
        sentence %= {"job": job.name, "age": relative(job.next_run, now)}
        yield CheckResult.error("schedule-overdue", sentence, START, job.name)


def _of_last_run(job: JobStatus) -> Iterator[CheckResult]:
    result = job.last_result
    if result and result.status in FAILURES:
        yield _of_failure(job, result)
    elif run := status.out_of_time(job):
        sentence = _("%(job)s ran out of time: %(number)s remaining (run %(id)d).")
        remedy = _("The next run continues; if this is usual, raise MAINTENANCE_TIME_BUDGET.")
        values = {"job": job.name, "number": f"{run.details.get('backlog') or 0:,}", "id": run.run_id}
        yield CheckResult.warning("job-out-of-time", sentence % values, remedy, job.name, run.run_id)


def _of_failure(job: JobStatus, result: JobResult) -> CheckResult:
    values = {"job": job.name, "status": Status(result.status).label.lower(), "id": result.run_id}
    sentence = _("The last run of %(job)s %(status)s (run %(id)d).")
    remedy = _("Fix the cause, then run it again (`manage.py jobs history %(job)s --json` says why).") % values
    definition, due = registry.find(job.name), result.details.get("brake")
    if definition and due:
        sentence = _("The volume guard stopped the last run of %(job)s (run %(id)d).")
        options = result.details.get("options", ())
        remedy = _("Check the age limits and the clocks, or confirm the number (%(command)s).")
        if options:  # the pages run a job without options
            remedy = _("Check the age limits and the clocks, or run %(command)s.")
        remedy %= {"command": volume_guard.confirming(definition, due, options)}
    return CheckResult.error("job-failed", sentence % values, remedy, job.name, result.run_id)


def probe_findings(_context: HealthContext) -> Iterator[CheckResult]:
    """Ask each job what there is to tell, and whether it refuses to run."""
    for job in registry.all_jobs():
        for message in job.findings():
            if message.is_serious():
                sentence = _("%(job)s refuses to run. %(why)s") % {"job": job.name, "why": message.msg}
                yield CheckResult.error("job-refuses", sentence, message.hint or "", job.name, subject=message.id or "")
            else:
                yield CheckResult.warning("job-finding", message.msg, message.hint or "", job.name)


def probe_runs(context: HealthContext) -> Iterator[CheckResult]:
    """Find runs that do not respond, and requested runs that no worker takes."""
    results = [result for run in reversed(context.unfinished) for result in _of_unfinished(run, context)]
    yield from results or [CheckResult.ok("runs", _("All running jobs respond and make progress."))]


def _of_unfinished(unfinished: UnfinishedRun, context: HealthContext) -> Iterator[CheckResult]:
    run, subject = unfinished.run, str(unfinished.run.pk)
    is_requested = run.status == Status.QUEUED and run.task_id and run.heartbeat_at is None
    if unfinished.is_lost:
        sentence = _("Run %(id)d of %(job)s has not responded for longer than its lease.")
        yield CheckResult.error(
            "run-stale", sentence % {"id": run.pk, "job": run.job}, REAP, run.job, run.pk, subject=subject
        )
    elif run.status == Status.RUNNING and (sentence := _without_end(run, context.now)):
        yield CheckResult.error("run-hangs", sentence, HANGS, run.job, run.pk, subject=subject)
    elif is_requested and run.queued_at < context.now - RUN_WITHIN and not context.queue.is_busy:
        sentence = _("Run %(id)d of %(job)s has waited for a worker since %(moment)s.")
        values = {"id": run.pk, "job": run.job, "moment": minute(run.queued_at)}
        yield CheckResult.error("run-waits", sentence % values, RESTART, run.job, run.pk, subject=subject)


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
    remedy = _("Run it (`manage.py %(command)s`; `--dry-run` says how much).")
    return CheckResult.error(
        "retention-overdue", sentence % {"job": job.name}, remedy % {"command": job.command}, job.name
    )

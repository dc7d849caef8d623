"""The health summary of a page: one sentence, and each warning and error with its cause and what can be done."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _, ngettext

from maintenance.core import registry
from maintenance.core.states import Level
from maintenance.health import snapshot
from maintenance.health.check_result import CheckResult
from maintenance.health.context import HealthContext
from maintenance.health.snapshot import PageReport
from maintenance.models import JobRun
from maintenance.pages import cards
from maintenance.reporting.status import JobStatistics, JobStatus

OF_QUEUE = ("no-cluster", "queue-stuck", "task-waits")
RUN_HELPS = ("job-failed", "job-out-of-time", "retention-overdue")
CANCEL_HELPS = ("run-hangs", "run-waits")
SCHEDULE_HELPS = ("schedule-broken",)
PAUSED = {"paused", "paused-until"}


@dataclass(frozen=True)
class Problem:
    """A warning or an error, with the message of its run, and the number due when the volume guard stopped it.

    `can_...` say which buttons help. A run does not help while another one is active.
    """

    result: CheckResult
    message: str = ""
    due_at_stop: int | None = None
    active: JobRun | None = None
    is_irreversible: bool = False
    can_run: bool = False
    can_cancel: bool = False
    can_edit: bool = False


@dataclass(frozen=True)
class HealthSummary:
    """`tone` is good, warn or bad; `slow_checked_at` is the time of the slow checks."""

    tone: str
    sentence: str
    problems: list[Problem] = field(default_factory=list)
    slow_checked_at: datetime | None = None


def summary_of(report: PageReport, health: HealthContext) -> HealthSummary:
    """Return the summary of a report. A pause is part of its sentence, and no problem."""
    statistics = health.statistics
    found = [result for result in report.results if result.level is not Level.WELL]
    pause = [result.sentence for result in found if result.code in PAUSED]
    results = [result for result in found if result.code not in PAUSED]
    sentences = pause + _sentences(results, statistics) or [_healthy(statistics)]
    return HealthSummary(
        report.level.mark.tone, " ".join(sentences), list(problems_of(results, health)), report.slow_checked_at
    )


def problems_context(health: HealthContext, job: str) -> dict[str, Any]:
    """Return the context of a page about one job: its problems, and those of the queue."""
    results = [
        result
        for result in snapshot.page_report(health).results
        if result.level is not Level.WELL and (result.job == job or result.code in OF_QUEUE)
    ]
    level = max((result.level for result in results), key=list(Level).index, default=Level.WELL)
    return {"problems": list(problems_of(results, health)), "problems_tone": level.mark.tone}


def problems_of(results: Iterable[CheckResult], health: HealthContext) -> Iterable[Problem]:
    """Yield results with the messages of their runs, and with what helps."""
    jobs = {job.name: job for job in health.statistics.jobs}
    active = {unfinished.run.job: unfinished.run for unfinished in health.unfinished if not unfinished.run.dry_run}
    for result in results:
        yield _problem(result, jobs.get(result.job), active.get(result.job))


def _problem(result: CheckResult, job: JobStatus | None, active: JobRun | None) -> Problem:
    last = job.last_result if job and job.last_result and job.last_result.run_id == result.run else None
    run_helps = result.code in RUN_HELPS
    return Problem(
        result,
        message=last.message if last else "",
        due_at_stop=cards.due_at_stop(job) if job and last else None,
        active=active if run_helps else None,
        is_irreversible=registry.is_irreversible(result.job),
        can_run=run_helps and active is None and not (job and job.paused),
        can_cancel=result.code in CANCEL_HELPS,
        can_edit=result.code in SCHEDULE_HELPS and bool(job),
    )


def _sentences(problems: Sequence[CheckResult], statistics: JobStatistics) -> list[str]:
    errors = [result for result in problems if result.level is Level.WRONG]
    sentences = []
    if any(result.code in OF_QUEUE for result in errors):
        sentences.append(_("The queue does not work."))
    if number := len({result.job for result in errors if result.job}):
        words = ngettext(
            "%(number)d of %(total)d jobs needs attention.", "%(number)d of %(total)d jobs need attention.", number
        )
        sentences.append(words % {"number": number, "total": statistics.total_jobs})
    if errors and not sentences:
        sentences.append(_("There is an error."))
    if problems and not errors:
        words = ngettext("There are no errors, and %d warning.", "There are no errors, and %d warnings.", len(problems))
        sentences.append(words % len(problems))
    return sentences


def _healthy(statistics: JobStatistics) -> str:
    total, disabled = statistics.total_jobs, statistics.total_jobs - statistics.enabled_jobs
    words = ngettext("The only job is healthy.", "All %(total)d jobs are healthy.", total) % {"total": total}
    if disabled:
        words += " " + ngettext("%d is disabled.", "%d are disabled.", disabled) % disabled
    return words

"""The health summary of a page: one sentence, and each warning and error with its action."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _, ngettext

from maintenance.core.states import Level
from maintenance.health.check_result import CheckResult
from maintenance.health.snapshot import PageReport
from maintenance.reporting.status import JobStatistics

OF_QUEUE = ("no-cluster", "queue-stuck", "task-waits")
PAUSED = "paused"


@dataclass(frozen=True)
class HealthSummary:
    """`tone` is good, warn or bad; `slow_checked_at` is the time of the slow checks."""

    tone: str
    sentence: str
    problems: list[CheckResult]
    slow_checked_at: datetime | None


def summary_of(report: PageReport, statistics: JobStatistics) -> HealthSummary:
    """Return the summary of a report. A pause is part of its sentence, and no problem."""
    found = [result for result in report.results if result.level is not Level.WELL]
    pause = [result.sentence for result in found if result.code == PAUSED]
    problems = [result for result in found if result.code != PAUSED]
    sentences = pause + _sentences(problems, statistics) or [_healthy(statistics)]
    return HealthSummary(report.level.mark.tone, " ".join(sentences), problems, report.slow_checked_at)


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

"""The verdict as a page shows it: the doctor's, in one sentence, and what to do about each thing that is not well."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _, ngettext

from maintenance.core.states import Level
from maintenance.health.check_result import Verdict
from maintenance.health.snapshot import Look
from maintenance.reporting.status import JobStatistics

OF_QUEUE = ("no-cluster", "queue-stuck", "task-waits")
PAUSED = "paused"


@dataclass(frozen=True)
class PageVerdict:
    """`tone` is good, warn or bad; `seldom_at` when the cluster looked at what takes long."""

    tone: str
    sentence: str
    troubles: list[Verdict]
    seldom_at: datetime | None


def verdict_of(look: Look, statistics: JobStatistics) -> PageVerdict:
    """Return what an operator has to know first."""
    troubles = [verdict for verdict in look.verdicts if verdict.level is not Level.WELL]
    pause = [verdict.sentence for verdict in troubles if verdict.code == PAUSED]
    troubles = [verdict for verdict in troubles if verdict.code != PAUSED]
    sentences = pause + _sentences(troubles, statistics)
    return PageVerdict(look.level.mark.tone, " ".join(sentences or [_well(statistics)]), troubles, look.seldom_at)


def _sentences(troubles: Sequence[Verdict], statistics: JobStatistics) -> list[str]:
    wrong = [verdict for verdict in troubles if verdict.level is Level.WRONG]
    sentences = []
    if any(verdict.code in OF_QUEUE for verdict in wrong):
        sentences.append(_("The queue does not work."))
    if number := len({verdict.job for verdict in wrong if verdict.job}):
        words = ngettext(
            "%(number)d of %(total)d jobs needs attention.", "%(number)d of %(total)d jobs need attention.", number
        )
        sentences.append(words % {"number": number, "total": statistics.total_jobs})
    if wrong and not sentences:
        sentences.append(_("There is an error."))
    if troubles and not wrong:
        words = ngettext("There are no errors, and %d warning.", "There are no errors, and %d warnings.", len(troubles))
        sentences.append(words % len(troubles))
    return sentences


def _well(statistics: JobStatistics) -> str:
    total, disabled = statistics.total_jobs, statistics.total_jobs - statistics.enabled_jobs
    words = ngettext("The only job is healthy.", "All %(total)d jobs are healthy.", total) % {"total": total}
    if disabled:
        words += " " + ngettext("%d is disabled.", "%d are disabled.", disabled) % disabled
    return words

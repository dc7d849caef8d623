"""The last runs of a job in one small drawing: many jobs share a page, so a drawing has no element for each run."""

from collections import Counter
from collections.abc import Iterator, Sequence
from math import sqrt

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, ngettext

from maintenance.core.states import Status
from maintenance.models import JobRun
from maintenance.pages.charts import MARK, PITCH, SHORTEST, WIDTH, Value, joined, paths_of

SLOTS, HEIGHT = 60, 44


def seconds(run: JobRun) -> float:
    """Return the duration of a run."""
    return run.duration.total_seconds() if run.duration else 0.0


def draw(runs: Sequence[JobRun], value: Value = seconds) -> SafeString:
    """Draw the last runs, the latest on the right. A cell that is too narrow for all shows the latest ones."""
    runs = runs[-SLOTS:]
    empty = [("mb-none", f"M{place * PITCH} {HEIGHT - 1}h{WIDTH}") for place in range(SLOTS - len(runs))]
    return format_html(
        '<svg class="mb-spark" viewBox="0 0 {} {}" preserveAspectRatio="xMaxYMax slice" role="img" aria-label="{}">{}'
        "</svg>",
        SLOTS * PITCH,
        HEIGHT,
        _in_words(runs),
        SafeString("".join(joined([*empty, *_paths(runs, value)]))),  # only figures # nosec B703
    )


def _paths(runs: Sequence[JobRun], value: Value) -> Iterator[tuple[str, str]]:
    highest = max((value(run) for run in runs), default=0.0)
    room = HEIGHT - MARK - SHORTEST
    for place, run in enumerate(runs, SLOTS - len(runs)):
        # The root keeps small values visible beside a large one.
        share = sqrt(value(run) / highest) if highest else 0.0
        yield from paths_of(Status(run.status), SHORTEST + share * room, HEIGHT, place * PITCH)


def _in_words(runs: Sequence[JobRun]) -> str:
    if not runs:
        return _("No runs")
    counted = Counter(Status(run.status) for run in runs)
    words = ngettext("Last run: %(states)s", "Last %(number)d runs: %(states)s", len(runs))
    states = ", ".join(f"{counted[status]} {status.label}" for status in Status if counted[status])
    return words % {"number": len(runs), "states": states}

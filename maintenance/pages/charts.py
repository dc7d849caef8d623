"""Runs as a row of bars, drawn on the server. A state has a shape of its own as well as a colour."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from types import MappingProxyType

from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from maintenance.core.counting import counted
from maintenance.core.states import Status
from maintenance.core.time_text import duration, minute
from maintenance.models import JobRun
from maintenance.pages.formatting import DASH, listed_at

Value = Callable[[JobRun], float]

PITCH, WIDTH, MARK = 12, 9, 10
"""Distance of two bars, width of a bar, and room for a mark above it, in units of the drawing."""
SHORTEST = 5.0
MOST_ABOVE = 10
"""A line is drawn up to this multiple of the highest bar."""
NO_STOP = ' tabindex="-1"'
ITEMS = ("item", "items")

HOLLOW = frozenset({Status.CANCELLED, Status.RUNNING})
SMALL = {
    Status.QUEUED: "M1 {y}h1.5M4 {y}h1.5M7 {y}h1.5",
    Status.SKIPPED: "M4.5 {top}l4 4-4 4-4-4z",
    Status.MISSED: "M4.5 {top}a4 4 0 1 0 .1 0z",
}
"""States without a bar, because nothing was processed: three dots, a diamond, a ring."""


@dataclass(frozen=True)
class Chart:
    """A row of bars: the `value` of a run is the height of its bar. Links weigh much: one chart of a page has them."""

    id: str
    title: str
    description: str
    value: Value
    slots: int
    height: int
    is_linked: bool = True


def draw(chart: Chart, runs: Sequence[JobRun], lines: Mapping[str, float] = MappingProxyType({})) -> SafeString:
    """Draw the last runs, the latest on the right, with placeholders where there are fewer than `slots`.

    `lines` has the values at which a line crosses the bars, by CSS class. A line far above all bars is left out.
    The keyboard stops once, at the latest run; a script moves it with the arrow keys.
    """
    runs = runs[-chart.slots :]
    highest = max((chart.value(run) for run in runs), default=0.0)
    near = {css: value for css, value in lines.items() if 0 < value <= highest * MOST_ABOVE}
    highest = max([highest, *near.values()])
    empty = chart.slots - len(runs)
    placeholder = "".join(f"M{n * PITCH} {chart.height - 1}h{WIDTH}" for n in range(empty))
    placeholders = [f'<path class="mb-none" d="{placeholder}"/>'] if empty else []
    address = reverse("admin:maintenance_jobrun_change", args=[0])  # once: a page has hundreds of bars
    bars = [_bar(chart, run, address, empty + n, highest) for n, run in enumerate(runs)] if chart.is_linked else []
    if bars:
        bars[-1] = bars[-1].replace(NO_STOP, "", 1)
    unlinked = [] if chart.is_linked else _unlinked(chart, runs, empty, highest)
    crossing = [_line(chart, css, value, highest) for css, value in near.items()]
    return format_html(
        '<svg class="mb-bars" viewBox="-1 0 {} {}" role="{role}" aria-labelledby="{id}-title {id}-desc">'
        '<title id="{id}-title">{}</title><desc id="{id}-desc">{}</desc>'
        '<defs><path class="mb-hit" id="{id}-hit" d="M0 0h{pitch}v{height}H0z"/></defs>{}</svg>',
        chart.slots * PITCH,
        chart.height,
        chart.title,
        chart.description,
        SafeString("".join([*placeholders, *bars, *unlinked, *crossing])),  # escaped before # nosec B703
        id=chart.id,
        role="group" if chart.is_linked else "img",
        pitch=PITCH,
        height=chart.height,
    )


def _bar(chart: Chart, run: JobRun, address: str, place: int, highest: float) -> str:
    words = escape(
        _("Run %(id)d: %(state)s, %(moment)s, %(items)s, %(duration)s")
        % {
            "id": run.pk,
            "state": Status(run.status).label,
            "moment": minute(listed_at(run)),
            "items": _items(run),
            "duration": duration(run.duration) if run.duration else DASH,
        }
    )
    drawn = shape(run.status, _length(chart, chart.value(run), highest), chart.height)
    # Only the words need escaping, and format_html would take most of the time of the page.
    return (
        f'<a href="{address.replace("/0/", f"/{run.pk}/")}"{NO_STOP} transform="translate({place * PITCH} 0)">'
        f'<title>{words}</title><use href="#{chart.id}-hit"/>{drawn}</a>'
    )


def _unlinked(chart: Chart, runs: Sequence[JobRun], first: int, highest: float) -> list[str]:
    lengths = ((place, run, _length(chart, chart.value(run), highest)) for place, run in enumerate(runs, first))
    return joined(
        path for n, run, length in lengths for path in paths_of(Status(run.status), length, chart.height, n * PITCH)
    )


def joined(paths: Iterable[tuple[str, str]]) -> list[str]:
    """Return one element for all paths of a class."""
    parts: dict[str, list[str]] = {}
    for css, path in paths:
        parts.setdefault(css, []).append(path)
    return [f'<path class="{css}" d="{"".join(data)}"/>' for css, data in parts.items()]


def _length(chart: Chart, value: float, highest: float) -> float:
    # The root keeps small values visible beside a large one.
    share = sqrt(value / highest) if highest else 0.0
    return SHORTEST + share * (chart.height - MARK - SHORTEST)


def _line(chart: Chart, css: str, value: float, highest: float) -> str:
    top = round(chart.height - _length(chart, value, highest), 1)
    return f'<path class="{css}" d="M0 {top}h{chart.slots * PITCH}"/>'


def _items(run: JobRun) -> str:
    """Return the number of items done, and of items due where that differs."""
    if run.items_due is None or run.items_due == run.items_done or run.status == Status.SUCCEEDED:
        return counted(run.items_done, ITEMS)
    return _("%(done)s of %(due)s") % {"done": f"{run.items_done:,}", "due": counted(run.items_due, ITEMS)}


def shape(status: str, length: float, floor: int) -> SafeString:
    """Return the shape of a state: a bar of `length` that stands on `floor`, or a sign where nothing was processed."""
    paths = paths_of(Status(status), length, floor)
    return SafeString("".join(f'<path class="{css}" d="{path}"/>' for css, path in paths))  # only figures # nosec B703


def paths_of(status: Status, length: float, floor: int, left: int = 0) -> list[tuple[str, str]]:
    """Return the shape of a state, `left` of the left edge, as class and data of each path."""
    line, fill = f"mb-line mb-{status.mark.tone}", f"mb-fill mb-{status.mark.tone}"
    if status in SMALL:
        return [(line, _moved(SMALL[status].format(y=floor - 3, top=floor - 9), left))]
    top = round(floor - length, 1)
    bar = _moved(_bar_path(status, top, round(length, 1), floor), left)
    mark = _moved(_mark_path(status, top), left)
    return [(line if status in HOLLOW else fill, bar), *([(line, mark)] if mark else [])]


def _moved(path: str, left: int) -> str:
    """Move a path to the right: only the positions that begin with `M` are absolute."""
    return re.sub(r"M([\d.]+)", lambda found: f"M{float(found[1]) + left:g}", path) if left else path


def _bar_path(status: Status, top: float, length: float, floor: int) -> str:
    """Solid; two parts for partially failed; two halves, like the sign for a pause, for interrupted."""
    if status == Status.PARTIAL:
        lower = round(length / 3, 1)
        return f"M0 {top}h9v{round(length - lower - 2, 1)}h-9zM0 {round(floor - lower, 1)}h9v{lower}h-9z"
    if status == Status.INTERRUPTED:
        return f"M0 {top}h3.5v{length}h-3.5zM5.5 {top}h3.5v{length}h-3.5z"
    if status in HOLLOW:
        return f"M.7 {round(top + 0.7, 1)}h7.6v{round(length - 1.4, 1)}h-7.6z"
    return f"M0 {top}h9v{length}h-9z"


def _mark_path(status: Status, top: float) -> str:
    """A cross over failed, a triangle over crashed, a chevron over running, an hourglass over out of time."""
    base = round(top - 9, 1)
    marks = {
        Status.FAILED: f"M1 {base}l7 7m0-7l-7 7",
        Status.CRASHED: f"M4.5 {base}l4 7h-8z",
        Status.RUNNING: f"M1 {round(base + 5, 1)}l3.5-4 3.5 4",
        Status.OUT_OF_TIME: f"M1 {base}h7l-7 7h7z",
    }
    return marks.get(status, "")

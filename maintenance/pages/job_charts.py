"""The two charts of a job's page: how long its runs took, and how many items they processed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from maintenance.core import registry
from maintenance.core.time_text import duration
from maintenance.engine import volume_guard
from maintenance.models import JobRun
from maintenance.pages.charts import Chart, Value, draw
from maintenance.pages.formatting import figure, listed_at
from maintenance.pages.sparkline import SLOTS, seconds

HEIGHT = 90


@dataclass(frozen=True)
class Figure:
    """A chart with its scale: the highest value and its run, the median, the guard's limit, first and last time."""

    title: str
    drawing: SafeString
    highest: str = ""
    highest_run: int | None = None
    median: str = ""
    guard: str = ""
    first: datetime | None = None
    last: datetime | None = None


def figures_of(name: str, runs: Sequence[JobRun]) -> list[Figure]:
    """Return the charts of the last runs of a job, the latest run last."""
    job = registry.find(name)
    guard = volume_guard.most_allowed(job) if job and runs else None
    return [
        _figure("durations", _("Duration"), runs, seconds, lambda value: duration(timedelta(seconds=value))),
        _figure("items", _("Items"), runs, _items_done, lambda value: figure(round(value)), guard),
    ]


def _figure(
    css: str, title: str, runs: Sequence[JobRun], value: Value, words: Callable[[float], str], guard: int | None = None
) -> Figure:
    description = _("The latest run is on the right. The history below has the same values.")
    chart = Chart(css, title, description, value, slots=SLOTS, height=HEIGHT, is_linked=value is seconds)
    values = [value(run) for run in runs if value(run)]
    middle = median(values) if values else 0.0
    highest = max(runs, key=value) if values else None
    return Figure(
        title=title,
        drawing=draw(chart, runs, {"mb-median": middle, "mb-guard": float(guard or 0)}),
        highest=words(value(highest)) if highest else "",
        highest_run=highest.pk if highest else None,
        median=words(middle) if values else "",
        guard=figure(guard) if guard else "",
        first=listed_at(runs[0]) if runs else None,
        last=listed_at(runs[-1]) if runs else None,
    )


def _items_done(run: JobRun) -> float:
    return run.items_done

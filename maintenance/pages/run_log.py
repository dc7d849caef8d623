"""The log of a run on its page: start, batches, what went wrong, end; and the batch times as a line."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, ngettext

from maintenance.core.counting import counted
from maintenance.core.states import Status
from maintenance.engine.run_log import Event
from maintenance.models import JobRun
from maintenance.pages.formatting import figure

WIDTH, HEIGHT, EDGE = 600, 60, 3


@dataclass(frozen=True)
class Entry:
    at: datetime
    words: str
    is_trouble: bool = False


@dataclass(frozen=True)
class BatchTimes:
    """A drawing of the longest batch of each group, with the scale beside it."""

    drawing: SafeString
    longest: str
    first: datetime
    last: datetime


def entries_of(run: JobRun) -> list[Entry]:
    """Return the log of a run in the order of time."""
    if run.started_at is None:
        return []
    log = run.details.get("log", {})
    entries = [Entry(run.started_at, _("Started")), *_events(run, log), *_batches(run.started_at, log)]
    if run.cancel_requested_at:
        entries.append(Entry(run.cancel_requested_at, _("Cancellation requested"), is_trouble=True))
    entries.sort(key=lambda entry: entry.at)
    if more := log.get("more_events"):
        words = ngettext("One more event is not listed", "%(number)s more events are not listed", more)
        entries.append(Entry(entries[-1].at, words % {"number": figure(more)}, is_trouble=True))
    if run.finished_at:
        status = Status(run.status)
        entries.append(Entry(run.finished_at, str(status.label), is_trouble=status != Status.SUCCEEDED))
    return entries


def _events(run: JobRun, log: Mapping[str, Any]) -> Iterator[Entry]:
    assert run.started_at is not None  # noqa: S101 - asked before # nosec B101
    for at, name, number in log.get("events", []):
        moment = run.started_at + timedelta(seconds=at)
        if name == Event.COUNTED:
            yield Entry(moment, _("Counted: %(due)s due") % {"due": figure(run.items_due)})
        else:
            words = _words().get(name, name)
            yield Entry(moment, f"{words} ({number:,} ×)" if number > 1 else words, is_trouble=True)


def _words() -> dict[str, str]:
    return {
        Event.SECOND_TRY: _("A batch is tried a second time, after a deadlock, a lock time-out or a lost connection"),
        Event.SPLIT: _("A batch is split in two"),
        Event.UNIT_FAILED: _("An item failed"),
        Event.RECONNECTED: _("Connected again, after the connection to the database was lost"),
        Event.OUT_OF_TIME: _("The time budget is used up"),
    }


def _batches(start: datetime, log: Mapping[str, Any]) -> Iterator[Entry]:
    done = 0
    for at, number, rows, longest in log.get("batches", []):
        words = ngettext(
            "Batch %(last)s: %(rows)s, %(longest)s",
            "Batches %(first)s to %(last)s: %(rows)s, the longest %(longest)s",
            number,
        )
        values = {"first": figure(done + 1), "last": figure(done + number), "rows": counted(rows, ("row", "rows"))}
        yield Entry(start + timedelta(seconds=at), words % {**values, "longest": _seconds(longest)})
        done += number


def batch_times_of(run: JobRun) -> BatchTimes | None:
    """Return the drawing of a run's batch times; `None` where there are fewer than two batches to draw."""
    groups = run.details.get("log", {}).get("batches", [])
    if run.started_at is None or len(groups) <= 1:
        return None
    longest = max(group[-1] for group in groups)
    label = _("Batch times, the longest %(longest)s") % {"longest": _seconds(longest)}
    drawing = format_html(
        '<svg class="mb-times" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<polyline points="{}"/></svg>',
        WIDTH,
        HEIGHT,
        label,
        _points(groups, longest),
    )
    first, last = (run.started_at + timedelta(seconds=group[0]) for group in (groups[0], groups[-1]))
    return BatchTimes(drawing, _seconds(longest), first, last)


def _points(groups: Sequence[Sequence[float]], longest: float) -> str:
    begin, end = groups[0][0], groups[-1][0]
    across = (WIDTH - 2 * EDGE) / (end - begin or 1)
    up = (HEIGHT - 2 * EDGE) / (longest or 1)
    return " ".join(
        f"{EDGE + (at - begin) * across:.0f},{HEIGHT - EDGE - seconds * up:.0f}" for at, *_rest, seconds in groups
    )


def _seconds(value: float) -> str:
    return _("%(number)s s") % {"number": f"{value:g}"}

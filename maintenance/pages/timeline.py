"""What comes next: the times of all jobs within a day, drawn on the server, and the same as a table.

Positions are shares of the drawing's width, so that words and marks keep their size on a narrow window.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from maintenance.core import cron
from maintenance.core.time_text import clock
from maintenance.reporting.status import JobStatus

SPAN = timedelta(hours=24)
STEP = timedelta(hours=6)
"""Distance of two lines of the grid."""
MOST_MARKS = 96
"""A job with more times is drawn as a bar."""
TOP, ROW = 22, 34
"""Height above the first row, and of each row, in pixels."""
CLEAR_OF_EDGE = 9.0
"""Distance of a label from the edges, in percent; nearer, it would be cut off."""


@dataclass(frozen=True)
class Upcoming:
    """The times of one job within `SPAN`; `more` when there are more than `MOST_MARKS`."""

    job: str
    sentence: str
    times: Sequence[datetime]
    more: bool


def upcoming(jobs: Sequence[JobStatus], now: datetime) -> list[Upcoming]:
    """Return the jobs that run within `SPAN`, the next one first."""
    rows = [_upcoming(job, job.next_run, now) for job in jobs if job.next_run and job.next_run <= now + SPAN]
    return sorted(rows, key=lambda row: row.times[0])


def _upcoming(job: JobStatus, first: datetime, now: datetime) -> Upcoming:
    first = max(first, now)  # an overdue run starts at once
    until = now + SPAN
    times = [first, *takewhile(lambda time: time <= until, islice(cron.times(job.schedule, first), MOST_MARKS))]
    return Upcoming(job.name, job.schedule_sentence, times[:MOST_MARKS], more=len(times) > MOST_MARKS)


def draw(rows: Sequence[Upcoming], now: datetime) -> SafeString:
    """Draw a row for each job, with a mark for each of its times."""
    height = TOP + ROW * len(rows)
    return format_html(
        '<svg class="mb-timeline" width="100%" height="{}" role="img" aria-labelledby="timeline-title timeline-desc">'
        '<title id="timeline-title">{}</title><desc id="timeline-desc">{}</desc>{}{}</svg>',
        height,
        _("Next 24 hours"),
        _("A row for each job, from now to the same time tomorrow. The table below has the same times."),
        format_html_join("", "{}", ((line,) for line in _grid(now, height))),
        format_html_join("", "{}", ((_row(row, place, now),) for place, row in enumerate(rows))),
    )


def _grid(now: datetime, height: int) -> Iterator[SafeString]:
    yield format_html('<text class="mb-hour" x="0" y="{}">{}</text>', TOP - 9, _("now"))
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for time in (midnight + STEP * number for number in range(1, 9)):
        if not now < time < now + SPAN:
            continue
        share = _share(time, now)
        yield format_html('<line class="mb-grid" x1="{0}%" x2="{0}%" y1="{1}" y2="{2}"/>', share, TOP - 4, height)
        if CLEAR_OF_EDGE < share < 100 - CLEAR_OF_EDGE:
            label = '<text class="mb-hour" x="{}%" y="{}" text-anchor="middle">{}</text>'
            yield format_html(label, share, TOP - 9, clock(time))


def _row(row: Upcoming, place: int, now: datetime) -> SafeString:
    top = TOP + place * ROW
    marks = '<circle class="mb-time" cx="{}%" cy="{}" r="5"><title>{}</title></circle>'
    drawn = [(_share(time, now), top + 24, f"{row.job}, {clock(time)} UTC") for time in row.times]
    bar = format_html('<rect class="mb-time" x="{}%" y="{}" width="100%" height="6"/>', drawn[0][0], top + 21)
    return format_html(
        '<text x="0" y="{}">{}</text><line class="mb-grid" x1="0" x2="100%" y1="{y}" y2="{y}"/>{}',
        top + 12,
        row.job,
        bar if row.more else format_html_join("", marks, drawn),
        y=top + 24,
    )


def _share(time: datetime, now: datetime) -> float:
    """Return where a time is, in percent of the width."""
    return round(100 * ((time - now) / SPAN), 2)

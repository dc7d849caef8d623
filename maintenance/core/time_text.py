"""Times and durations as text, for pages, terminal and logs. Nothing else formats them."""

from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _

UNITS = (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("min", timedelta(minutes=1)))
TENTHS_BELOW = 10
DAY = "%Y-%m-%d"
"""A day as forms send it."""


def minute(moment: datetime) -> str:
    """Return a time to the minute: `2026-01-31 04:30 UTC`."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def second(moment: datetime) -> str:
    """Return a time to the second: `2026-01-31 04:30:15 UTC`."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def day(moment: datetime) -> str:
    """Return the day of a time, in UTC: `2026-01-31`."""
    return moment.astimezone(UTC).strftime(DAY)


def clock(moment: datetime) -> str:
    """Return the time of day, in UTC: `04:30`."""
    return f"{moment.astimezone(UTC):%H:%M}"


def weekday(moment: datetime) -> str:
    """Return a time with its day of the week, in UTC: `Sat 2026-01-31 04:30`."""
    return f"{moment.astimezone(UTC):%a %Y-%m-%d %H:%M}"


def clock_second(moment: datetime) -> str:
    """Return the time of day to the second, in UTC: `04:30:15`."""
    return f"{moment.astimezone(UTC):%H:%M:%S}"


def machine(moment: datetime) -> str:
    """Return a time as HTML and scripts read it: `2026-01-31T04:30:15Z`."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def duration(length: timedelta) -> str:
    """Return a duration in its two largest units: `0.3 s`, `3 min 4 s`, `2 h 5 min`."""
    seconds = max(0.0, length.total_seconds())
    if round(seconds, 1) < TENTHS_BELOW:
        return f"{seconds:.1f} s"
    minutes, whole = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {whole} s" if minutes else f"{whole} s"


def relative(moment: datetime, now: datetime) -> str:
    """Return the distance of a time from `now`, in its largest unit: `in 3 h`, `2 d ago`."""
    distance = abs(moment - now)
    unit, size = next((unit for unit in UNITS if distance >= unit[1]), ("s", timedelta(seconds=1)))
    text = f"{distance // size} {unit}"
    return (_("in %(distance)s") if moment > now else _("%(distance)s ago")) % {"distance": text}

"""The end of a pause as people write it: a duration from now, or a time, in UTC."""

import re
from datetime import UTC, datetime, time, timedelta

from maintenance.core.errors import InvalidPause
from maintenance.core.time_text import minute

LONGEST = timedelta(days=366)
UNITS = {"d": "days", "h": "hours", "m": "minutes", "min": "minutes", "s": "seconds"}
DURATION = re.compile(r"(?:[0-9]{1,7}(?:d|h|min|m|s))+")
PART = re.compile(r"([0-9]+)(d|h|min|m|s)")
CLOCK = re.compile(r"[0-9]{1,2}:[0-9]{2}")
TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2})?) ?(?:Z|UTC)?")


def end_of(length: str, until: str, now: datetime) -> datetime | None:
    """Return the end of a pause from its two forms; `None` where both are blank: no end. Raises `InvalidPause`."""
    length, until = length.strip(), until.strip()
    if length and until:
        raise InvalidPause("A pause has one end: give its length or its time, not both.")
    if not length and not until:
        return None
    return verified(after(length, now) if length else moment(until, now), now)


def verified(end: datetime, now: datetime) -> datetime:
    """Return `end` where a pause may end then. Raises `InvalidPause`."""
    if not now < end <= now + LONGEST:
        raise InvalidPause(f"A pause ends in the future, at most {LONGEST.days} days from now: not at {minute(end)}.")
    return end


def after(length: str, now: datetime) -> datetime:
    """Return the time after a duration such as `2h`. Raises `InvalidPause`."""
    if not DURATION.fullmatch(length):
        raise InvalidPause("The length of a pause is written as 30m, 2h, 1h30m or 1d.")
    parts = [timedelta(**{UNITS[unit]: int(number)}) for number, unit in PART.findall(length)]
    total = sum(parts, timedelta(0))
    if total > LONGEST:
        raise InvalidPause(f"A pause with an end is at most {LONGEST.days} days long.")
    return now + total


def moment(text: str, now: datetime) -> datetime:
    """Return the time of a text: the next `06:00`, or `2026-01-31 06:00`, in UTC. Raises `InvalidPause`."""
    try:
        if CLOCK.fullmatch(text):
            end = datetime.combine(now.astimezone(UTC).date(), time.fromisoformat(text.zfill(5)), UTC)
            return end if end > now else end + timedelta(days=1)
        if found := TIME.fullmatch(text):
            return datetime.fromisoformat(found[1]).replace(tzinfo=UTC)
    except ValueError as error:
        raise InvalidPause("There is no such time.") from error
    raise InvalidPause("The end of a pause is written as 06:00 or 2026-01-31 06:00 (UTC).")

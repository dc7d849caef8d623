"""Cron expressions: the only validator for code, admin and command line, and the times of an expression.

Five fields, in UTC; `cron_fields` has their grammar. `normalise` reads an expression as cron does and writes it in the
one form that croniter, which computes the times, reads the same way. Where both the day of the month and the day of the
week have values, cron runs on the days of either. Where one of the two begins with `*`, cron runs on days of both; five
fields cannot tell that to croniter, so it is refused.

Seconds mean nothing, because the scheduler looks every 30 s: a leading `0` seconds field, as node-cron writes it, is
dropped; any other six- or seven-field expression is refused, because croniter would read the seconds last.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from itertools import islice

from croniter import CroniterError, croniter

from maintenance.core import cron_sentence
from maintenance.core.cron_fields import DAY, FIELDS, WEEKDAY, RefusedItem, read, write
from maintenance.core.errors import InvalidCron

LONGEST = 100
"""The most characters of an expression that a schedule can store."""
MOST_KEPT = 256
"""The size of the caches: a page needs the same expression several times."""
EXAMPLE = "`30 4 * * *` is 04:30 every day"
NICKNAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
DAYS_OF_MONTHS = dict(zip(range(1, 13), (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), strict=True))

Values = tuple[frozenset[int], frozenset[int], frozenset[int], frozenset[int], frozenset[int]]


@lru_cache(MOST_KEPT)
def normalise(expression: str) -> str:
    """Return the one form of what `expression` means, or raise `InvalidCron` with the reason."""
    normalised = " ".join(write(values, field) for values, field in zip(values_of(expression), FIELDS, strict=True))
    if len(normalised) > LONGEST:
        raise InvalidCron(f"{_quoted(expression)} has too many values: written out, it is over {LONGEST} characters.")
    return normalised


@lru_cache(MOST_KEPT)
def values_of(expression: str) -> Values:
    """Return the minutes, hours, days of the month, months and days of the week of an expression.

    The days are those on which it runs: all of them in one of the two fields mean that the other alone decides.
    """
    fields = _fields_of(expression)
    minutes, hours, days, months, weekdays = (_read(fields, place) for place in range(len(FIELDS)))
    days, weekdays = _either_or_both(fields, days, weekdays)
    if weekdays == WEEKDAY.all and all(min(days) > DAYS_OF_MONTHS[month] for month in months):
        raise InvalidCron(f"{_quoted(expression)} names a date that never comes.")
    return minutes, hours, days, months, weekdays


def _fields_of(expression: str) -> list[str]:
    if len(expression) > LONGEST:
        raise InvalidCron(f"It is longer than {LONGEST} characters. {EXAMPLE}.")
    fields = expression.split()
    if len(fields) == len(FIELDS) + 1 and not fields[0].strip("0"):
        fields = fields[1:]
    _refuse_wrong_shape(expression, fields)
    return fields


def _refuse_wrong_shape(expression: str, fields: list[str]) -> None:
    if not fields:
        raise InvalidCron(f"A cron expression has five fields, and this one is blank. {EXAMPLE}.")
    if any(field[0] in "RrHh@" for field in fields):
        meant = NICKNAMES.get(expression.strip().lower(), "")
        raise InvalidCron(
            f"{_quoted(expression)} leaves the time to chance or to a nickname; write out five fields. "
            + (f"Write '{meant}'." if meant else f"{EXAMPLE}."),
            meant,
        )
    if len(fields) == len(FIELDS) + 1 and (meant := _valid(" ".join(fields[1:]))):
        raise InvalidCron(
            f"{_quoted(expression)} has six fields. Seconds cannot be scheduled: if the first field was the seconds, "
            f"write '{meant}'.",
            meant,
        )
    if len(fields) != len(FIELDS):
        raise InvalidCron(f"{_quoted(expression)} has {len(fields)} fields; a cron expression has five. {EXAMPLE}.")


def _valid(expression: str) -> str:
    """Return the normal form of an expression, or of its probable intention; an empty text where there is none."""
    try:
        return normalise(expression)
    except InvalidCron as error:
        return error.meant


def _read(fields: list[str], place: int) -> frozenset[int]:
    items, field = fields[place].split(","), FIELDS[place]
    if "*" in items and len(items) > 1:
        raise _not_cron(fields, f"'*' stands in a list, and means every {field.name} already")
    values: frozenset[int] = frozenset()
    for number, item in enumerate(items):
        try:
            values |= read(item, field)
        except RefusedItem as error:
            meant = ",".join([*items[:number], error.instead, *items[number + 1 :]]) if error.instead else ""
            raise _not_cron(fields, str(error), [*fields[:place], meant, *fields[place + 1 :]]) from error
    return values


def _either_or_both(
    fields: list[str], days: frozenset[int], weekdays: frozenset[int]
) -> tuple[frozenset[int], frozenset[int]]:
    """Apply cron's rule for its two fields of days: both where one begins with `*`, and otherwise either."""
    has_every_day = DAY.all == days, WEEKDAY.all == weekdays
    if not fields[2].startswith("*") and not fields[4].startswith("*"):
        return (DAY.all, WEEKDAY.all) if any(has_every_day) else (days, weekdays)
    if not any(has_every_day):
        reason = f"cron runs on days that match both '{fields[2]}' and '{fields[4]}', which cannot be scheduled here"
        raise _not_cron(fields, reason)
    return days, weekdays


def _not_cron(fields: list[str], reason: str, instead: list[str] | None = None) -> InvalidCron:
    expression = " ".join(fields)
    meant = _valid(" ".join(instead)) if instead and all(instead) else ""
    advice = f"If that is what you mean, write '{meant}'" if meant else EXAMPLE
    return InvalidCron(f"{_quoted(expression)} is not a cron expression: {_printable(reason)}. {advice}.", meant)


def _quoted(text: str) -> str:
    return f"'{_printable(text)}'"


def _printable(text: str) -> str:
    """Escape characters that are invisible or move a terminal's cursor."""
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def times(expression: str, after: datetime) -> Iterator[datetime]:
    """Yield the times of a valid expression that come after `after`, endlessly, or until the calendar ends."""
    iterator = croniter(normalise(expression), after, ret_type=datetime)
    while True:
        try:
            yield iterator.get_next(datetime)
        except (CroniterError, OverflowError, ValueError):
            return


def next_times(expression: str, after: datetime, count: int) -> list[datetime]:
    """Return the next `count` times of a valid expression after `after`."""
    return list(islice(times(expression, after), count))


def previous_time(expression: str, before: datetime) -> datetime:
    """Return the last time of a valid expression before `before`."""
    previous: datetime = croniter(normalise(expression), before, ret_type=datetime).get_prev(datetime)
    return previous


def is_read_alike(written: str, normalised: str) -> bool:
    """Return whether croniter, and with it django-q2, reads two expressions the same way."""
    try:
        return bool(croniter.expand(written)[0] == croniter.expand(normalised)[0])
    except (CroniterError, ValueError, KeyError):
        return False


@lru_cache(MOST_KEPT)
def describe(expression: str) -> str:
    """Return a valid expression as an English sentence, such as `At 04:30, only on Sunday`."""
    return cron_sentence.sentence(*values_of(expression))

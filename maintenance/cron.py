"""Cron expressions: one validator for code, admin and command line, and what an expression means.

Five fields, in UTC. Seconds mean nothing, because the scheduler looks every 30 s: a leading `0` seconds field, as
node-cron writes it, is dropped; any other six- or seven-field expression is refused, because croniter would read the
seconds last and silently run at another time.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from itertools import islice

import cron_descriptor
from croniter import CroniterError, croniter

from maintenance.errors import InvalidCron

FIELDS = 5
MOST_KEPT = 256
"""So many expressions are read and described once: a page asks the same of each job several times."""
EXAMPLE = "`30 4 * * *` is 04:30 every day"


@lru_cache(MOST_KEPT)
def normalise(expression: str) -> str:
    """Return the five-field form of `expression`, or raise `InvalidCron` with the reason."""
    fields = expression.split()
    if len(fields) == FIELDS + 1 and fields[0] == "0":
        fields = fields[1:]
    normalised = " ".join(fields)
    _refuse_wrong_shape(expression, fields)
    try:
        croniter.expand(normalised)
    except (CroniterError, ValueError, KeyError) as error:
        raise InvalidCron(f"'{normalised}' is not a cron expression: {_reason(error)}. {EXAMPLE}.") from error
    if next(times(normalised, datetime(2000, 1, 1)), None) is None:  # noqa: DTZ001 - any day will do
        raise InvalidCron(f"'{normalised}' names a date that never comes.")
    return normalised


def _refuse_wrong_shape(expression: str, fields: list[str]) -> None:
    if not fields:
        raise InvalidCron(f"A cron expression has five fields, and this one is blank. {EXAMPLE}.")
    if any(field[0] in "RrHh@" for field in fields):
        raise InvalidCron(
            f"'{expression}' leaves the time to chance or to a nickname; write out five fields. {EXAMPLE}."
        )
    if len(fields) == FIELDS + 1 and (meant := _without_seconds(fields)):
        raise InvalidCron(
            f"'{expression}' has six fields. Seconds cannot be scheduled: if the first field was the seconds, "
            f"write '{meant}'.",
            meant,
        )
    if len(fields) != FIELDS:
        raise InvalidCron(f"'{expression}' has {len(fields)} fields; a cron expression has five. {EXAMPLE}.")


def _without_seconds(fields: list[str]) -> str:
    """Return what node-cron's six fields mean in five, or nothing where that is no expression either."""
    try:
        return normalise(" ".join(fields[1:]))
    except InvalidCron:
        return ""


def _reason(error: Exception) -> str:
    """croniter's own words without its quotation of the expression, which we quote ourselves."""
    return str(error).rsplit("] ", 1)[-1].strip("'\". ").lower() or "it cannot be read"


def times(expression: str, after: datetime) -> Iterator[datetime]:
    """Yield the times of a valid expression that come after `after`, endlessly, or none where it never comes."""
    iterator = croniter(expression, after, ret_type=datetime)
    while True:
        try:
            yield iterator.get_next(datetime)
        except CroniterError:
            return


def next_times(expression: str, after: datetime, count: int) -> list[datetime]:
    """Return the next `count` times of a valid expression after `after`."""
    return list(islice(times(expression, after), count))


@lru_cache(MOST_KEPT)
def describe(expression: str) -> str:
    """Return a valid expression as an English sentence, such as `At 04:30, only on Sunday`."""
    options = cron_descriptor.Options()
    options.use_24hour_time_format = True
    return str(cron_descriptor.get_description(expression, options))

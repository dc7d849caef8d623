"""An English sentence for a cron expression, made from its values."""

from collections.abc import Iterable, Sequence

from maintenance.core.cron_fields import DAY, HOUR, MINUTE, MONTH, WEEKDAY, Field, runs

MOST_TIMES = 6
"""The most times of day that are listed one by one."""
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")

Values = frozenset[int]


def sentence(minutes: Values, hours: Values, days: Values, months: Values, weekdays: Values) -> str:
    """Return the sentence, such as `At 04:30, only on Sunday`."""
    return ", ".join(part for part in (_time(minutes, hours), _days(days, weekdays), _months(months)) if part)


def _time(minutes: Values, hours: Values) -> str:
    if hours == HOUR.all:
        return "Every hour" if minutes == {0} else _past_the_hour(minutes, "every")
    if len(minutes) * len(hours) <= MOST_TIMES:
        return f"At {_join(f'{hour:02}:{minute:02}' for hour in sorted(hours) for minute in sorted(minutes))}"
    if minutes == {0} and (step := _interval(hours, HOUR)):
        return f"Every {step} hours from 00:00"
    return f"{'On the hour' if minutes == {0} else _past_the_hour(minutes, 'the')} {_hours(hours)}"


def _past_the_hour(minutes: Values, which: str) -> str:
    if minutes == MINUTE.all:
        return "Every minute"
    if step := _interval(minutes, MINUTE):
        return f"Every {step} minutes"
    return f"At {_minutes(minutes)} past {which} hour"


def _interval(values: Values, field: Field) -> int:
    """Return the distance from each value to the next, also from the last to the first; 0 where it is not the same."""
    step, rest = divmod(len(field.all), len(values))
    is_even = len(values) > 1 and not rest and values == set(range(0, len(field.all), step))
    return step if is_even else 0


def _minutes(minutes: Values) -> str:
    return f"{_list(minutes)} {'minute' if minutes == {1} else 'minutes'}"


def _hours(hours: Values) -> str:
    first, last = min(hours), max(hours)
    if last - first + 1 == len(hours):
        return f"from {first:02}:00 to {last:02}:59"
    return f"in the hours {_list(hours)}"


def _days(days: Values, weekdays: Values) -> str:
    """Return the part about the days; where both fields have values, cron runs on the days of either."""
    if days == DAY.all:
        return "" if weekdays == WEEKDAY.all else f"only on {_names(weekdays, WEEKDAYS, WEEKDAY)}"
    of_month = f"on {'day' if len(days) == 1 else 'days'} {_list(days)} of the month"
    return of_month if weekdays == WEEKDAY.all else f"{of_month} or on {_names(weekdays, WEEKDAYS, WEEKDAY)}"


def _months(months: Values) -> str:
    return "" if months == MONTH.all else f"only in {_names(months, MONTHS, MONTH)}"


def _names(values: Values, names: Sequence[str], field: Field) -> str:
    return _join(_from_to(names[first - field.first], names[last - field.first]) for first, last in runs(values))


def _list(values: Values) -> str:
    return _join(_from_to(str(first), str(last)) for first, last in runs(values))


def _from_to(first: str, last: str) -> str:
    return first if first == last else f"{first} to {last}"


def _join(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last

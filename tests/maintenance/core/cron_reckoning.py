"""Cron's own meaning, reckoned from its manual minute by minute, and sentences read back into values.

Nothing here is shared with `maintenance.core.cron`: the two have to agree.
"""

import re
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import islice

LIMITS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
MONTHS = [
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
]
WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
NAMES = (
    {},
    {},
    {},
    {name[:3].lower(): number for number, name in enumerate(MONTHS, 1)},
    {name[:3].lower(): number for number, name in enumerate(WEEKDAYS)},
)
YEARS_LOOKED_AT = 45
"""Some dates come every four years, or after eight."""


class Cron:
    """An expression as Vixie's cron keeps it: a bit for every value, and whether a field of days began with a star."""

    def __init__(self, expression):
        fields = expression.split()
        assert len(fields) == 5
        self.bits = [self._bits(field, place) for place, field in enumerate(fields)]
        if 7 in self.bits[4]:
            self.bits[4].add(0)
        self.has_star = fields[2][0] == "*" or fields[4][0] == "*"

    def _bits(self, field, place):
        low, high = LIMITS[place]
        bits = set()
        for item in field.split(","):
            span, _, step = item.partition("/")
            first, _, last = span.partition("-")
            if span == "*":
                begin, end = low, high
            else:
                begin = self._number(first, place)
                end = self._number(last, place) if last else begin
            number = begin
            while number <= end:
                bits.add(number)
                number += int(step) if step else 1
        return bits

    def _number(self, text, place):
        return NAMES[place][text.lower()] if text.lower() in NAMES[place] else int(text)

    def runs_on(self, day):
        of_month, of_week = day.day in self.bits[2], day.isoweekday() % 7 in self.bits[4]
        return day.month in self.bits[3] and ((of_month and of_week) if self.has_star else (of_month or of_week))

    @cached_property
    def minutes_of_day(self):
        return [minute for minute in range(24 * 60) if minute // 60 in self.bits[1] and minute % 60 in self.bits[0]]

    def times(self, after):
        """Every time after a moment, found by looking at each minute of each day."""
        for number in range(366 * YEARS_LOOKED_AT):
            day = after.date() + timedelta(days=number)
            if self.runs_on(day):
                midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
                found = (midnight + timedelta(minutes=minute) for minute in self.minutes_of_day)
                yield from (time for time in found if time > after)

    def next_times(self, after, count):
        return list(islice(self.times(after), count))


def is_a_day_that_comes(expression):
    """Whether there is any day in nine years, which hold leap days."""
    return any(Cron(expression).runs_on(date(2023, 1, 1) + timedelta(days=n)) for n in range(366 * 9))


PARTS = re.compile(
    r"(?P<time>(?:Every|At|On the hour).*?)"
    r"(?:, only on (?P<weekdays>(?:(?!, only in ).)+)"
    r"|, on days? (?P<days>.+?) of the month(?: or on (?P<other_weekdays>(?:(?!, only in ).)+))?)?"
    r"(?:, only in (?P<months>.+))?"
)


class Sentence:
    """A sentence as a reader takes it."""

    def __init__(self, text):
        parts = PARTS.fullmatch(text)
        assert parts, text
        self.times_of_day = times_of_day(parts["time"])
        self.days = values(parts["days"], int) if parts["days"] else set(range(1, 32))
        weekdays = parts["weekdays"] or parts["other_weekdays"]
        self.weekdays = values(weekdays, WEEKDAYS.index) if weekdays else set(range(7))
        months = parts["months"]
        self.months = values(months, lambda word: MONTHS.index(word) + 1) if months else set(range(1, 13))
        self.is_either = parts["other_weekdays"] is not None

    def runs_on(self, day):
        of_month, of_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return day.month in self.months and ((of_month or of_week) if self.is_either else (of_month and of_week))


def values(text, number):
    found = set()
    for words in re.split(r", | and ", text):
        first, _, last = words.partition(" to ")
        found.update(range(number(first), number(last or first) + 1))
    return found


def times_of_day(text):
    """Return the minutes of the day that the first part of a sentence names."""
    if re.fullmatch(r"At (\d\d:\d\d(, | and |$))+", text):
        clock = [words.split(":") for words in re.split(r", | and ", text[3:])]
        return {int(hour) * 60 + int(minute) for hour, minute in clock}
    minutes, hours = text, set(range(24))
    if found := re.fullmatch(r"(.+) from (\d\d):00 to (\d\d):59", text):
        minutes, hours = found[1], set(range(int(found[2]), int(found[3]) + 1))
    elif found := re.fullmatch(r"Every (\d+) hours from 00:00", text):
        assert 24 % int(found[1]) == 0
        return set(range(0, 24 * 60, 60 * int(found[1])))
    elif found := re.fullmatch(r"(.+) in the hours (.+)", text):
        minutes, hours = found[1], values(found[2], int)
    return {hour * 60 + minute for hour in hours for minute in minutes_of(minutes)}


def minutes_of(text):
    if text in {"Every hour", "On the hour"}:
        return {0}
    if text == "Every minute":
        return set(range(60))
    if found := re.fullmatch(r"Every (\d+) minutes", text):
        assert 60 % int(found[1]) == 0, "an interval that does not fit the hour is none"
        return set(range(0, 60, int(found[1])))
    found = re.fullmatch(r"At (.+) minutes? past (?:the|every) hour", text)
    assert found, text
    return values(found[1], int)

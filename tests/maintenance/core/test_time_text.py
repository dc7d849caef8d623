"""Times and durations as text, at the borders between two units."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from maintenance.core import time_text

TOKYO = timezone(timedelta(hours=9))
MOMENT = datetime(2026, 2, 1, 3, 4, 5, 678_901, tzinfo=TOKYO)
"""18:04:05 on 31 January in UTC."""


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (time_text.minute, "2026-01-31 18:04 UTC"),
        (time_text.second, "2026-01-31 18:04:05 UTC"),
        (time_text.day, "2026-01-31"),
        (time_text.clock, "18:04"),
        (time_text.weekday, "Sat 2026-01-31 18:04"),
        (time_text.machine, "2026-01-31T18:04:05Z"),
    ],
)
def test_each_form_is_in_utc(form, text):
    assert form(MOMENT) == form(MOMENT.astimezone(UTC)) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0.0 s"),
        (0, "0.0 s"),
        (0.04, "0.0 s"),
        (9.9, "9.9 s"),
        (10, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (60, "1 min 0 s"),
        (3_599, "59 min 59 s"),
        (3_599.6, "1 h 0 min"),
        (3_600, "1 h 0 min"),
        (90_061, "25 h 1 min"),
    ],
)
def test_a_duration_has_its_two_largest_units(seconds, text):
    assert time_text.duration(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ("distance", "text"),
    [
        (timedelta(0), "0 s ago"),
        (timedelta(seconds=59), "in 59 s"),
        (timedelta(seconds=-59), "59 s ago"),
        (timedelta(minutes=1), "in 1 min"),
        (timedelta(minutes=-59, seconds=-59), "59 min ago"),
        (timedelta(hours=1), "in 1 h"),
        (timedelta(hours=-23, minutes=-59), "23 h ago"),
        (timedelta(days=1), "in 1 d"),
        (timedelta(days=-400), "400 d ago"),
    ],
)
def test_a_distance_has_its_largest_unit(distance, text):
    assert time_text.relative(MOMENT + distance, MOMENT.astimezone(UTC)) == text


def test_a_duration_that_rounds_to_ten_seconds_has_no_tenths():
    assert time_text.duration(timedelta(seconds=9.96)) == "10 s"

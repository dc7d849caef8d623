"""The end of a pause, as people write it."""

from datetime import UTC, datetime, timedelta

import pytest

from maintenance.core.errors import InvalidPause
from maintenance.core.pause_ends import LONGEST, end_of, verified

NOW = datetime(2026, 1, 31, 22, 15, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        ("2h", timedelta(hours=2)),
        ("30m", timedelta(minutes=30)),
        ("30min", timedelta(minutes=30)),
        ("1h30m", timedelta(minutes=90)),
        ("1d", timedelta(days=1)),
        ("90s", timedelta(seconds=90)),
        ("366d", LONGEST),
    ],
)
def test_a_length_counts_from_now(length, expected):
    assert end_of(f" {length} ", "", NOW) == NOW + expected


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        ("23:00", datetime(2026, 1, 31, 23, tzinfo=UTC)),
        ("06:00", datetime(2026, 2, 1, 6, tzinfo=UTC)),
        ("6:00", datetime(2026, 2, 1, 6, tzinfo=UTC)),
        ("22:15", datetime(2026, 2, 1, 22, 15, tzinfo=UTC)),
        ("2026-02-03 06:00", datetime(2026, 2, 3, 6, tzinfo=UTC)),
        ("2026-02-03T06:00Z", datetime(2026, 2, 3, 6, tzinfo=UTC)),
        ("2026-02-03 06:00 UTC", datetime(2026, 2, 3, 6, tzinfo=UTC)),
    ],
)
def test_a_time_is_the_next_one_in_utc(until, expected):
    assert end_of("", until, NOW) == expected


def test_without_either_there_is_no_end():
    assert end_of(" ", "", NOW) is None


@pytest.mark.parametrize("length", ["0h", "2", "h", "-2h", "2 h x", "1.5h", "2w", "9999999d", "٢h", "2h\n3"])
def test_other_lengths_are_refused(length):
    with pytest.raises(InvalidPause):
        end_of(length, "", NOW)


BAD_TIMES = ["25:00", "24:00", "06:60", "6", "noon", "2026-02-30 06:00", "2026-01-31 22:15", "٠٦:٠٠"]


@pytest.mark.parametrize("until", BAD_TIMES)
def test_other_times_are_refused(until):
    with pytest.raises(InvalidPause):
        end_of("", until, NOW)


def test_two_ends_are_refused():
    with pytest.raises(InvalidPause, match="not both"):
        end_of("2h", "06:00", NOW)


@pytest.mark.parametrize("end", [NOW, NOW - timedelta(seconds=1), NOW + LONGEST + timedelta(seconds=1)])
def test_an_end_is_in_the_future_and_not_too_far(end):
    assert verified(NOW + LONGEST, NOW)
    with pytest.raises(InvalidPause):
        verified(end, NOW)

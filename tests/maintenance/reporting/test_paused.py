"""The next time of a paused job. With a moved clock: `tests/maintenance/scheduling/test_pauses.py`."""

from datetime import UTC, datetime, timedelta

import pytest
from django_q.models import Schedule

from maintenance.models import Pause
from maintenance.reporting.paused import PauseStatus, next_run_of

NOW = datetime(2026, 6, 1, 4, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def row(next_run):
    made = Schedule(cron="0 * * * *", next_run=next_run)
    made.read_at = NOW
    return made


@pytest.mark.parametrize(
    ("next_run", "until", "expected"),
    [
        (NOW - HOUR, NOW + HOUR, NOW + 1.5 * HOUR),
        (NOW + HOUR / 2, NOW + HOUR / 2, NOW + HOUR / 2),
        (NOW + 8 * HOUR, NOW + HOUR, NOW + 8 * HOUR),
        (NOW - HOUR, NOW + HOUR / 2, NOW + HOUR / 2),
        (NOW - HOUR, None, NOW + HOUR / 2),
        (NOW + 2 * HOUR, None, NOW + 2 * HOUR),
        (NOW - HOUR, NOW, NOW),
        (None, NOW + HOUR, None),
    ],
)
def test_the_next_time_is_the_first_from_the_end_on(next_run, until, expected):
    assert next_run_of(row(next_run), Pause(until=until)) == expected


def test_without_a_pause_it_is_that_of_the_row():
    assert next_run_of(row(NOW), None) == NOW


@pytest.mark.parametrize(("until", "is_on"), [(None, True), (NOW + HOUR, True), (NOW, False), (NOW - HOUR, False)])
def test_a_pause_is_told_until_its_end(until, is_on):
    pause = Pause(job="", paused_at=NOW, until=until, reason="upgrade", paused_by_id=7)

    told = PauseStatus.of(pause, NOW)

    assert told == (PauseStatus(None, NOW, until, "upgrade", 7) if is_on else None)

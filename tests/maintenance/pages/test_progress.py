"""The progress of a run, and how long it will take by what earlier runs took."""

from datetime import UTC, datetime, timedelta

import pytest

from maintenance.core.states import Status
from maintenance.models import JobRun
from maintenance.pages.progress import WARMED_UP, accounted, progress_of

NOW = datetime(2026, 6, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def running(done, due, elapsed=MINUTE, **fields):
    usual = {"status": Status.RUNNING, "started_at": NOW - elapsed, "items_done": done, "items_due": due}
    return JobRun(job="a", **{**usual, **fields})


@pytest.mark.parametrize(
    ("done", "due", "percent"),
    [(0, None, None), (0, 0, 100), (0, 10, 0), (1, 3, 33), (999, 1_000, 99), (10, 10, 100), (12, 10, 100)],
)
def test_the_share_is_rounded_down(done, due, percent):
    assert progress_of(running(done, due), NOW, []).percent == percent


def test_units_that_failed_or_stayed_are_accounted_for():
    run = running(5, 10, details={"counts": {"deleted": 5, "failed": 1, "unchanged": 2}})

    assert accounted(run) == progress_of(run, NOW, []).done == 8


@pytest.mark.parametrize(
    ("run", "rate"),
    [
        (running(120, 200), 2.0),
        (running(0, 200), None),
        (running(5, 10, timedelta(0)), None),
        (running(5, 10, -MINUTE), None),  # a clock that was set back
        (running(5, 10, started_at=None), None),
        (running(60, 60, finished_at=NOW - MINUTE / 2, status=Status.SUCCEEDED), 2.0),
    ],
)
def test_the_rate_is_of_the_time_since_the_start(run, rate):
    assert progress_of(run, NOW, []).rate == rate


def test_the_remaining_time_is_a_range_of_past_rates():
    run = running(10, 110, WARMED_UP)  # its own rate does not count yet

    assert progress_of(run, NOW, [10.0, 5.0, 20.0]).remaining == (timedelta(seconds=5), timedelta(seconds=20))


@pytest.mark.parametrize("past", [[], [10.0, 5.0]])
def test_its_own_rate_alone_counts_once_it_has_warmed_up(past):
    run = running(60, 160, MINUTE)

    assert progress_of(run, NOW, past).remaining == (timedelta(seconds=100), timedelta(seconds=100))


@pytest.mark.parametrize(
    ("done", "due", "gone"), [(10, 10, 0), (2_956, 3_313, 357), (0, 5, 5), (12, 10, 0), (3, None, 0), (0, 0, 0)]
)
def test_a_run_that_succeeded_has_left_nothing(done, due, gone):
    progress = progress_of(running(done, due, status=Status.SUCCEEDED, finished_at=NOW), NOW, [])

    assert (progress.percent, progress.gone, progress.remaining) == (100, gone, None)
    assert progress_of(running(done, due, status=Status.FAILED, finished_at=NOW), NOW, []).gone == 0


@pytest.mark.parametrize(
    ("run", "past"),
    [
        (running(10, 110, WARMED_UP), [10.0]),
        (running(0, 110), [10.0]),
        (running(10, None), [10.0, 5.0]),
        (running(10, 10), [10.0, 5.0]),
        (running(12, 10), [10.0, 5.0]),
        (running(10, 110, status=Status.QUEUED), [10.0, 5.0]),
        (running(10, 110, status=Status.FAILED), [10.0, 5.0]),
    ],
)
def test_without_enough_to_go_by_no_time_is_told(run, past):
    assert progress_of(run, NOW, past).remaining is None

"""The rates of past runs: of the right runs, and the time that follows from them."""

from datetime import UTC, datetime, timedelta

import pytest

from maintenance.core.states import Status
from maintenance.models import JobRun
from maintenance.reporting import rates

pytestmark = pytest.mark.django_db

AT = datetime(2026, 6, 1, tzinfo=UTC)


def make_run(status=Status.SUCCEEDED, *, seconds=2, **fields):
    times = {"queued_at": AT, "started_at": AT, "finished_at": AT + timedelta(seconds=seconds)}
    return JobRun.objects.create(**{"job": "a", "trigger": "schedule", "status": status, **times, **fields})


def test_rates_are_of_real_runs_that_did_something():
    make_run(items_done=100, seconds=4)
    make_run(items_done=100, seconds=4, dry_run=True)
    make_run(items_done=0, seconds=4)
    make_run(items_done=7, seconds=0)
    make_run(Status.RUNNING, items_done=7, finished_at=None)
    make_run(items_done=90, seconds=3)

    assert rates.past_rates("a") == [30.0, 25.0]


def test_only_the_last_runs_are_compared():
    for number in range(rates.COMPARED + 3):
        make_run(items_done=number + 1, seconds=1)

    found = rates.past_rates("a")

    assert len(found) == rates.COMPARED
    assert found[0] == rates.COMPARED + 3


def test_a_range_of_time_needs_two_past_runs():
    assert rates.time_by_past(60, [20.0]) is None
    assert rates.time_by_past(60, [20.0, 30.0]) == (timedelta(seconds=2), timedelta(seconds=3))
    assert rates.time_by(60, [20.0]) == (timedelta(seconds=3), timedelta(seconds=3))
    assert rates.time_by(60, []) is None

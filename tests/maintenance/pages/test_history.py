"""The filters of a history: each alone, both borders, and what cannot be read filters nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from django.http import QueryDict

from maintenance.core.states import Status, Trigger
from maintenance.models import JobRun
from maintenance.pages.history import HistoryFilter

MIDNIGHT = datetime(2026, 6, 1, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def runs(db):
    """Runs at the borders of 1 June, of several states and triggers."""
    made = {
        "before": (MIDNIGHT - MOMENT, Status.FAILED, Trigger.ADMIN),
        "first": (MIDNIGHT, Status.SUCCEEDED, Trigger.SCHEDULE),
        "last": (MIDNIGHT + timedelta(days=1) - MOMENT, Status.FAILED, Trigger.SCHEDULE),
        "after": (MIDNIGHT + timedelta(days=1), Status.SUCCEEDED, Trigger.ADMIN),
    }
    for name, (at, status, trigger) in made.items():
        JobRun.objects.create(job=name, queued_at=at, status=status, trigger=trigger)
    return JobRun.objects.order_by("pk")


def names(query, runs):
    return [run.job for run in HistoryFilter(QueryDict(query)).applied_to(runs)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["before", "first", "last", "after"]),
        ("state=failed", ["before", "last"]),
        ("trigger=admin", ["before", "after"]),
        ("state=failed&trigger=admin", ["before"]),
        ("since=2026-06-01", ["first", "last", "after"]),
        ("until=2026-06-01", ["before", "first", "last"]),
        ("since=2026-06-01&until=2026-06-01", ["first", "last"]),
        ("since=2026-06-02&until=2026-06-01", []),
        ("since=9999-12-31", []),
        ("until=0001-01-01", []),
    ],
)
def test_filters_go_together_and_days_are_included(runs, query, found):
    assert names(query, runs) == found


@pytest.mark.parametrize("query", ["state=nonsense", "trigger=1", "since=yesterday", "until=2026-02-31", "other=1"])
def test_a_filter_that_cannot_be_read_has_an_error_and_filters_nothing(runs, query):
    form = HistoryFilter(QueryDict(query))

    assert form.applied_to(runs).count() == 4
    assert form.is_valid() is (query == "other=1")


def test_a_readable_filter_beside_an_unreadable_one_works(runs):
    assert names("state=failed&since=yesterday", runs) == ["before", "last"]


def test_the_address_keeps_what_was_asked_and_nothing_else():
    form = HistoryFilter(QueryDict("state=failed&until=&since=<script>&page=3"))

    assert form.address == "state=failed&since=%3Cscript%3E"
    assert HistoryFilter(QueryDict("")).address == ""

"""What the cluster logs of parts of its work that fail: an error that lasts fills no log."""

from types import SimpleNamespace

import pytest
from django.db import InterfaceError, OperationalError

from maintenance.cluster import attempts
from maintenance.cluster.attempts import Attempts
from maintenance.core.errors import NotReady

SECRET = "ann@example.org"
CHECK_EVERY = 0.5


@pytest.fixture
def closed(monkeypatch):
    """Let a part be attempted without a database; return how often all connections were closed."""
    closed = []
    monkeypatch.setattr(attempts, "connections", SimpleNamespace(close_all=lambda: closed.append(1)))
    return closed


@pytest.fixture
def clock(monkeypatch, closed):
    clock = SimpleNamespace(now=1_000.0, monotonic=lambda: clock.now)
    monkeypatch.setattr(attempts, "time", clock)
    return clock


class Part:
    """A part that raises what is set, if anything."""

    error: Exception | None = None

    def do(self):
        if self.error:
            raise self.error


def messages(caplog):
    return [record.getMessage() for record in caplog.records]


def test_an_error_of_the_database_is_told_without_its_text(closed, caplog):
    part = Part()
    part.error = OperationalError(SECRET)

    assert Attempts()(part.do) is False
    assert messages(caplog) == ["The database raised an error: OperationalError."]
    assert len(closed) == 1


def test_another_error_of_a_part_stops_no_other(closed, caplog):
    part = Part()
    part.error = ValueError(SECRET)
    attempt = Attempts()

    assert attempt(part.do) is True
    assert attempt(lambda: None) is True
    assert messages(caplog) == ["A part of the cluster's work failed: ValueError."]
    assert caplog.records[0].exc_info
    assert closed == []


def test_an_error_that_lasts_is_logged_at_its_begin_ever_more_rarely_and_at_its_end(clock, caplog):
    part, attempt, said = Part(), Attempts(), {}
    part.error = OperationalError(SECRET)
    for number in range(7_200):  # an hour
        attempt(part.do)
        if caplog.records:
            said[number * CHECK_EVERY] = messages(caplog)
            caplog.clear()
        clock.now += CHECK_EVERY
    assert list(said) == [0, 30, 90, 210, 450, 930, 1890]
    assert said[0] == ["The database raised an error: OperationalError."]
    assert said[30] == ["The database raised an error: OperationalError (61 times until now)."]

    part.error = None
    attempt(part.do)
    attempt(part.do)

    assert messages(caplog) == ["This is over: The database raised an error: OperationalError (7,200 times)."]


def test_another_error_and_one_that_returns_are_told_at_once(clock, caplog):
    part, attempt = Part(), Attempts()
    for error in (OperationalError(), InterfaceError(), None, InterfaceError()):
        part.error = error
        attempt(part.do)

    assert messages(caplog) == [
        "The database raised an error: OperationalError.",
        "The database raised an error: InterfaceError.",
        "This is over: The database raised an error: InterfaceError (once).",
        "The database raised an error: InterfaceError.",
    ]


def test_a_part_that_works_ends_no_error_of_another_one(clock, caplog):
    part, attempt = Part(), Attempts()
    part.error = OperationalError()

    attempt(part.do)
    attempt(lambda: None)

    assert len(caplog.records) == 1


def test_a_database_of_another_version_is_told_with_the_remedy(clock, caplog):
    part = Part()
    part.error = NotReady("The database is newer: install it.")

    assert Attempts()(part.do) is False
    assert messages(caplog) == ["The cluster does no work: The database is newer: install it."]

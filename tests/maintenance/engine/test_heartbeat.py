"""The heartbeat's thread: it renews the lease, passes a stop request on, and cancels a batch that does not stop."""

import threading
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection

from maintenance.engine import heartbeat, lease
from maintenance.engine.cancellation import CancellationToken
from maintenance.engine.heartbeat import Heartbeat
from maintenance.models import JobRun

PATIENCE = 60
"""Seconds after which a test that hangs fails."""


class Driver:
    """A connection of the driver that can be cancelled; the first `failures` attempts raise."""

    def __init__(self, failures=0):
        self.failures, self.cancelled, self.attempts = failures, threading.Event(), 0

    def interrupt(self, **_options):
        self.attempts += 1
        if self.attempts <= self.failures:
            raise OSError("it quotes ann@example.org")
        self.cancelled.set()

    cancel_safe = interrupt


@pytest.fixture
def database(monkeypatch):
    """Let the heartbeat see a connection of the test's own."""
    fake = SimpleNamespace(vendor=connection.vendor, in_atomic_block=True, connection=None, closed=0)
    fake.close = lambda: setattr(fake, "closed", fake.closed + 1)
    monkeypatch.setattr(heartbeat, "connection", fake)
    return fake


@pytest.fixture
def driver(database, monkeypatch):
    """Tick without delay, cancel at once, and let a batch be one of a driver that only counts."""
    monkeypatch.setattr(heartbeat, "TICK", 0.001)
    monkeypatch.setattr(heartbeat, "PATIENCE", -1.0)

    def make(**options):
        database.connection = Driver(**options)
        return database.connection

    return make


@pytest.fixture
def beat(monkeypatch):
    """Make a heartbeat whose look at the database is `check`."""

    def make(token, check=None):
        made = Heartbeat(JobRun(pk=7, job="scratch"), token)
        made._renews = check is not None
        monkeypatch.setattr(made, "_check", check)
        return made

    return make


def test_a_batch_is_cancelled_after_a_stop_request_was_ignored(driver, beat):
    batch, token = driver(), CancellationToken()
    with beat(token) as beating, beating.cancellable():
        assert not batch.cancelled.is_set()
        token.request()
        assert batch.cancelled.wait(PATIENCE)


def test_nothing_is_cancelled_without_a_batch(driver, beat):
    batch, token, ticks = driver(), CancellationToken(), threading.Semaphore(0)
    token.request()
    with beat(token, lambda **_options: ticks.release()):
        for _ in range(3):
            assert ticks.acquire(timeout=PATIENCE)

    assert batch.attempts == 0


def test_a_failed_cancellation_is_repeated_and_logged(driver, beat, caplog):
    batch, token = driver(failures=2), CancellationToken()
    token.request()
    with beat(token) as beating, beating.cancellable():
        assert batch.cancelled.wait(PATIENCE)

    messages = [record.getMessage() for record in caplog.records]
    assert messages[:2] == ["A batch of scratch#7 could not be cancelled: OSError."] * 2


def test_the_thread_ends_with_the_context(driver, beat):
    driver()
    with beat(CancellationToken()):
        assert [thread for thread in threading.enumerate() if thread.name == "heartbeat of scratch#7"]

    assert not [thread for thread in threading.enumerate() if thread.name == "heartbeat of scratch#7"]


def test_the_lease_is_renewed_four_times_in_its_time(driver, beat, settings, monkeypatch):
    settings.MAINTENANCE_LEASE_SECONDS = 20 * 0.001
    renewals, done = [], threading.Event()

    def check(*, renew):
        renewals.append(renew)
        if len(renewals) == 10:
            done.set()

    driver()
    with beat(CancellationToken(), check):
        assert done.wait(PATIENCE)

    assert renewals[:10] == [False, False, False, False, True] * 2


@pytest.mark.parametrize(("is_renewed", "is_open"), [(False, True), (True, False)])
def test_a_run_that_must_not_write_is_asked_to_stop(database, monkeypatch, is_renewed, is_open):
    monkeypatch.setattr(lease, "renew", lambda _run: is_renewed)
    monkeypatch.setattr(lease, "is_open", lambda _run: is_open)
    token = CancellationToken()

    Heartbeat(JobRun(pk=7), token)._check(renew=True)

    assert token.is_requested


def test_a_missed_heartbeat_does_no_harm(database, monkeypatch, caplog):
    def fail(_run):
        raise OperationalError("it quotes ann@example.org")

    monkeypatch.setattr(lease, "is_open", fail)
    token = CancellationToken()

    Heartbeat(JobRun(pk=7, job="scratch"), token)._check(renew=False)

    assert not token.is_requested
    assert database.closed == 1, "the next heartbeat begins on a new connection"
    assert [record.getMessage() for record in caplog.records] == ["A heartbeat of scratch#7 failed: OperationalError."]

"""The heartbeat's thread: it renews the lease, and passes a stop request on."""

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
ALIVE = SimpleNamespace(idle_seconds=0.0)
"""A watchdog that sees progress."""


@pytest.fixture
def database(monkeypatch):
    """Let the heartbeat see a connection of the test's own."""
    fake = SimpleNamespace(vendor=connection.vendor, in_atomic_block=True, connection=None, closed=0)
    fake.close = lambda: setattr(fake, "closed", fake.closed + 1)
    monkeypatch.setattr(heartbeat, "connection", fake)
    return fake


@pytest.fixture(autouse=True)
def without_delay(database, monkeypatch):
    monkeypatch.setattr(heartbeat, "TICK", 0.001)


@pytest.fixture
def beat(monkeypatch):
    """Make a heartbeat whose look at the database is `check`."""

    def make(token, check=lambda **_options: None):
        made = Heartbeat(JobRun(pk=7, job="scratch"), token, ALIVE)
        made._renews = True
        monkeypatch.setattr(made, "_check", check)
        return made

    return make


def test_the_thread_ends_with_the_context(beat):
    with beat(CancellationToken()):
        assert [thread for thread in threading.enumerate() if thread.name == "heartbeat of scratch#7"]

    assert not [thread for thread in threading.enumerate() if thread.name == "heartbeat of scratch#7"]


def test_the_lease_is_renewed_four_times_in_its_time(beat, settings):
    settings.MAINTENANCE_LEASE_SECONDS = 20 * 0.001
    renewals, done = [], threading.Event()

    def check(*, renew):
        renewals.append(renew)
        if len(renewals) == 10:
            done.set()

    with beat(CancellationToken(), check):
        assert done.wait(PATIENCE)

    assert renewals[:10] == [False, False, False, False, True] * 2


@pytest.mark.parametrize(("is_renewed", "is_open"), [(False, True), (True, False)])
def test_a_run_that_must_not_write_is_asked_to_stop(database, monkeypatch, is_renewed, is_open):
    monkeypatch.setattr(lease, "renew", lambda _run, **_options: is_renewed)
    monkeypatch.setattr(lease, "is_open", lambda _run: is_open)
    token = CancellationToken()

    Heartbeat(JobRun(pk=7), token, ALIVE)._check(renew=True)

    assert token.is_requested


def test_a_missed_heartbeat_does_no_harm(database, monkeypatch, caplog):
    def fail(_run):
        raise OperationalError("it quotes ann@example.org")

    monkeypatch.setattr(lease, "is_open", fail)
    token = CancellationToken()

    Heartbeat(JobRun(pk=7, job="scratch"), token, ALIVE)._check(renew=False)

    assert not token.is_requested
    assert database.closed == 1, "the next heartbeat begins on a new connection"
    assert [record.getMessage() for record in caplog.records] == ["A heartbeat of scratch#7 failed: OperationalError."]

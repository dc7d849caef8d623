"""The processes that a cluster starts: real ones."""

import subprocess
import sys

import pytest

from maintenance.alert_models import AlertDelivery, AlertKind, AlertStatus
from maintenance.alerts import outbox, senders
from maintenance.core import channels
from maintenance.core.clock import database_now

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _none_is_left():
    yield
    senders.stop()


@pytest.fixture
def started(monkeypatch):
    """The channels for which a process was started; each waits until it is killed."""
    names = []

    def start(name):
        names.append(name)
        return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])

    monkeypatch.setattr(senders, "_start", start)
    monkeypatch.setattr(senders, "STOP_WITHIN", 0.0)
    return names


@pytest.fixture
def names(settings):
    settings.ALERT_URLS = ["json://one.example.org", "json://two.example.org"]
    return [channel.name for channel in channels.configured()]


def put(*names, **values):
    return outbox.put(AlertKind.TROUBLE, "one: 1 error", "A sentence.", names, database_now(), **values)


def test_a_channel_with_a_message_gets_one_process(started, names):
    senders.keep()
    assert started == []
    put(names[0])
    senders.keep()
    put(*names)
    senders.keep()
    assert started == names


def test_a_process_that_takes_too_long_is_killed(started, names, monkeypatch):
    put(names[0])
    senders.keep()
    [sender] = senders._senders.values()
    monkeypatch.setattr(senders, "LONGEST", -1.0)
    assert sender.has_ended() or sender.process.wait(10)
    senders.keep()
    assert len(started) == 2


def test_without_a_channel_nothing_is_asked_or_started(settings, django_assert_num_queries, started):
    settings.ALERT_URLS = []
    with django_assert_num_queries(0):
        senders.keep()
    assert started == []


def test_a_message_whose_process_ended_is_given_up(started, names):
    put(names[0], is_claimed=True)
    AlertDelivery.objects.update(attempted_at=database_now() - outbox.CLAIMED_FOR)
    senders.keep()
    assert AlertDelivery.objects.get().status == AlertStatus.UNSURE
    assert started == []

"""The process that reads the queue looks when it is told to, and rarely by itself."""

import threading
from types import SimpleNamespace

import pytest
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ

from maintenance.cluster import broker
from maintenance.cluster.broker import WaitingBroker, WakeUp

HANGS_AFTER = 60


@pytest.fixture
def wake_up():
    return WakeUp()


def test_a_signal_is_waited_for(wake_up):
    found = []
    waiting = threading.Thread(target=lambda: found.append(wake_up.wait(HANGS_AFTER)))
    waiting.start()

    wake_up.send()

    waiting.join(HANGS_AFTER)
    assert found == [True]


def test_a_signal_that_came_before_is_not_lost_and_counts_once(wake_up):
    for _ in range(100_000):  # more than a pipe holds, while nobody reads
        wake_up.send()

    assert wake_up.wait(0)
    while wake_up.wait(0):
        pass
    assert not wake_up.wait(0)


@pytest.fixture
def waiting(monkeypatch, wake_up):
    """A broker that has found its queue empty; `clock.now` is its clock, in which no time goes by."""
    clock = SimpleNamespace(now=1_000.0, monotonic=lambda: clock.now)
    monkeypatch.setattr(broker, "time", clock)
    monkeypatch.setattr(Conf, "POLL", 0)
    monkeypatch.setattr(WaitingBroker, "WAIT", 0)
    made = WaitingBroker(wake_up)
    made.clock = clock
    assert not made.dequeue()
    return made


def queue(number):
    for _ in range(number):
        OrmQ.objects.create(key=Conf.CLUSTER_NAME, payload="", lock=timezone.now())


@pytest.mark.django_db
def test_it_does_not_look_without_a_signal(waiting, django_assert_num_queries):
    queue(1)

    with django_assert_num_queries(0):
        assert waiting.dequeue() is None


@pytest.mark.django_db
def test_after_a_signal_it_takes_all_that_is_queued(waiting, wake_up):
    queue(3)
    wake_up.send()

    assert [len(waiting.dequeue() or []) for _ in range(5)] == [1, 1, 1, 0, 0]


@pytest.mark.django_db
def test_it_looks_by_itself_where_nobody_tells_it(waiting):
    queue(1)
    waiting.clock.now += WaitingBroker.LOOK_EVERY

    assert waiting.dequeue()

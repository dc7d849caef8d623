"""The canary: sent when none is waiting, written down when it comes back."""

from datetime import timedelta

import pytest
from django.db.models import F
from django_q.conf import Conf
from django_q.models import OrmQ, Task

from maintenance.core.queue_packages import SignedPackage
from maintenance.health import canary
from maintenance.models import Canary, ClusterHeartbeat
from maintenance.reporting import queue_state

pytestmark = pytest.mark.django_db


def pass_time(**duration):
    """Let everything that the canary knows be so much longer ago."""
    step = timedelta(**duration)
    Canary.objects.update(sent_at=F("sent_at") - step, echoed_at=F("echoed_at") - step)
    ClusterHeartbeat.objects.update(seen_at=F("seen_at") - step)


def work():
    """Do what a worker does: take every task, and call it."""
    for row in OrmQ.objects.order_by("pk"):
        task = SignedPackage.loads(row.payload)
        assert task["func"] == canary.COME_BACK
        assert task["save"] is False
        canary.come_back(*task["args"])
        row.delete()


def test_a_canary_is_sent_and_returns():
    canary.keep()
    assert OrmQ.objects.count() == 1
    pass_time(seconds=2)

    work()

    row = Canary.objects.get()
    assert (row.number, row.echo) == (1, 1)
    assert timedelta(seconds=2) <= row.round_trip < timedelta(seconds=10)
    assert not Task.objects.exists()


def test_a_canary_is_sent_once_a_minute():
    canary.keep()
    work()
    pass_time(seconds=58)
    canary.keep()
    assert not OrmQ.objects.exists()

    pass_time(seconds=3)
    canary.keep()
    assert OrmQ.objects.count() == 1


def test_no_canary_is_sent_while_one_is_queued():
    for _ in range(10):
        canary.keep()
        pass_time(minutes=10)

    assert OrmQ.objects.count() == 1
    assert Canary.objects.get().number == 1


def test_a_lost_canary_is_replaced():
    canary.keep()
    OrmQ.objects.all().delete()
    pass_time(seconds=80)
    canary.keep()
    assert Canary.objects.get().number == 1

    pass_time(seconds=11)
    canary.keep()
    assert Canary.objects.get().number == 2
    canary.come_back(1)  # it was not lost after all
    assert Canary.objects.get().echo == 1
    work()
    assert Canary.objects.get().echo == 2


def test_a_canary_is_not_replaced_while_all_workers_are_busy(monkeypatch):
    canary.keep()
    OrmQ.objects.all().delete()
    pass_time(minutes=30)
    monkeypatch.setattr(queue_state.QueueState, "is_busy", True)

    canary.keep()

    assert Canary.objects.get().number == 1


def test_a_late_canary_changes_nothing():
    canary.keep()
    Canary.objects.update(number=5, echo=5)
    before = Canary.objects.values().get()

    canary.come_back(3)

    assert Canary.objects.values().get() == before


def test_heartbeats_of_gone_clusters_are_deleted():
    ClusterHeartbeat.objects.create(host="gone", workers=3, seen_at="2020-01-01T00:00:00Z")

    canary.keep()

    sign = ClusterHeartbeat.objects.get()
    assert sign.workers == Conf.WORKERS
    assert queue_state.get().workers == Conf.WORKERS
    pass_time(minutes=1)
    assert queue_state.get().clusters == 0


def test_an_error_is_logged_without_its_text(monkeypatch, caplog):
    def fail(*_args, **_kwargs):
        raise ValueError("ann@example.org")

    monkeypatch.setattr(Canary.objects, "filter", fail)

    canary.come_back(1)

    assert "ValueError" in caplog.text
    assert "ann@example.org" not in caplog.text

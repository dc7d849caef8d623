"""When a cluster gives up, so that its supervisor starts it again."""

import pytest
from django.db import OperationalError

from maintenance import cluster
from maintenance.cli.base import FAILED, exit_status_of


@pytest.fixture
def refusing_database(monkeypatch):
    def refuse():
        raise OperationalError

    monkeypatch.setattr(cluster, "database_now", refuse)


@pytest.mark.django_db(transaction=True)
def test_an_outage_that_is_too_long_ends_it(refusing_database, monkeypatch):
    one = cluster.Cluster()
    one._ask_database()

    monkeypatch.setattr(cluster, "PATIENCE_WITH_DATABASE", 0)
    with pytest.raises(cluster.ClusterFailed, match="has not answered") as failure:
        one._ask_database()

    assert exit_status_of(failure.value) == FAILED


def test_processes_that_keep_dying_end_it(monkeypatch):
    one = cluster.Cluster()
    started = []
    monkeypatch.setattr(one, "_stop_processes", lambda: None)
    monkeypatch.setattr(one, "_start_processes", lambda: started.append(1))

    for _ in range(cluster.MOST_RESTARTS):
        one._start_afresh()
    with pytest.raises(cluster.ClusterFailed, match="keep dying"):
        one._start_afresh()

    assert len(started) == cluster.MOST_RESTARTS


def test_nothing_is_started_when_it_is_to_stop(monkeypatch):
    one = cluster.Cluster()
    monkeypatch.setattr(one, "_stop_processes", lambda: one._on_signal(15, None))

    one._start_afresh()

    assert not hasattr(one, "_processes")


@pytest.mark.django_db(transaction=True)
def test_a_part_that_fails_is_told_and_stops_no_other(caplog):
    def fail():
        raise KeyError

    assert cluster._attempt(fail)
    assert "A part of the cluster's work failed." in caplog.text

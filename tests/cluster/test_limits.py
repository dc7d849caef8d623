"""When a cluster starts its processes afresh, and when it gives up, so that its supervisor starts it again."""

import multiprocessing
import os
import signal
from contextlib import suppress
from types import SimpleNamespace

import psutil
import pytest
from django.db import OperationalError

from maintenance import tasks
from maintenance.cli.base import FAILED, exit_status_of
from maintenance.cluster import supervisor
from maintenance.cluster.broker import WaitingBroker


@pytest.fixture
def refusing_database(monkeypatch):
    def refuse():
        raise OperationalError

    monkeypatch.setattr(supervisor.poll, "look", refuse)


@pytest.mark.django_db(transaction=True)
def test_an_outage_that_is_too_long_ends_it(refusing_database, monkeypatch):
    one = supervisor.Cluster()
    one._look()

    monkeypatch.setattr(supervisor, "DATABASE_TIMEOUT", 0)
    with pytest.raises(supervisor.ClusterFailed, match="has not answered") as failure:
        one._look()

    assert exit_status_of(failure.value) == FAILED


@pytest.fixture
def sentinel():
    """Start a process that starts another one, as the queue's sentinel does; return it, and the other's id."""
    fork, processes = multiprocessing.get_context("fork"), []

    def start():
        told, tell = fork.Pipe()
        process = fork.Process(target=have_a_child, args=(fork, tell))
        process.start()
        processes.append((process, told.recv()))
        return processes[-1]

    yield start
    for process, child in processes:
        with suppress(psutil.NoSuchProcess):
            psutil.Process(child).kill()
        process.kill()
        process.join()


def have_a_child(fork, tell):
    child = fork.Process(target=say_who_it_is, args=(tell,))
    child.start()
    child.join()
    signal.pause()


def say_who_it_is(tell):
    tell.send(os.getpid())
    signal.pause()


@pytest.mark.parametrize("is_known_before", [True, False])
def test_a_process_that_dies_is_missed_even_if_it_was_never_seen(sentinel, is_known_before):
    one = supervisor.Cluster()
    process, child = sentinel()
    one._processes = SimpleNamespace(sentinel=process)
    if is_known_before:
        assert one._check_processes()

    victim = psutil.Process(child)
    victim.send_signal(signal.SIGKILL)
    psutil.wait_procs([victim], timeout=10)

    assert not one._check_processes()


@pytest.mark.django_db(transaction=True)
def test_a_sentinel_that_dies_as_it_begins_does_not_end_it(sentinel, monkeypatch):
    class Stillborn:
        def __init__(self, broker):
            assert isinstance(broker, WaitingBroker)

        def start(self):
            self.sentinel, _ = sentinel()
            self.sentinel.kill()
            self.sentinel.join()
            raise RuntimeError

    handlers = {number: signal.getsignal(number) for number in tasks.SIGNALS}
    monkeypatch.setattr(supervisor, "QueueProcesses", Stillborn)
    one = supervisor.Cluster()
    try:
        one._start_processes()
        assert not signal.pthread_sigmask(signal.SIG_BLOCK, []) & set(tasks.SIGNALS)
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)

    assert not one._check_processes()


def test_processes_that_keep_dying_end_it(monkeypatch):
    one = supervisor.Cluster()
    started = []
    monkeypatch.setattr(one, "_stop_processes", lambda: None)
    monkeypatch.setattr(one, "_start_processes", lambda: started.append(1))

    for _ in range(supervisor.MOST_RESTARTS):
        one._restart_processes()
    with pytest.raises(supervisor.ClusterFailed, match="died repeatedly"):
        one._restart_processes()

    assert len(started) == supervisor.MOST_RESTARTS


def test_nothing_is_started_when_it_is_to_stop(monkeypatch):
    one = supervisor.Cluster()
    monkeypatch.setattr(one, "_stop_processes", lambda: one._on_signal(15, None))

    one._restart_processes()

    assert not hasattr(one, "_processes")


@pytest.mark.django_db(transaction=True)
def test_a_part_that_fails_is_told_and_stops_no_other(caplog):
    def fail():
        raise KeyError

    assert supervisor._attempt(fail)
    assert "A part of the cluster's work failed: KeyError." in caplog.text

"""Processes that a cluster forks: each reports itself, and those that are gone are no error."""

import os
import signal
import subprocess
import sys

import psutil
import pytest

from maintenance.cluster import processes
from maintenance.cluster.processes import ForkedProcesses, StoppedProcesses, find_process, send_signal, status_of


@pytest.fixture
def forked(monkeypatch):
    """A record whose children report when the test says so."""
    hooks = {}
    monkeypatch.setattr(os, "register_at_fork", lambda **given: hooks.update(given))
    made = ForkedProcesses()
    made.report_as = lambda pid: (monkeypatch.setattr(os, "getpid", lambda: pid), hooks["after_in_child"]())
    return made


def test_nothing_is_reported_before_a_fork(forked):
    assert forked.take_new() == set()


def test_each_process_is_reported_once(forked):
    for pid in (11, 2**22, 11):
        forked.report_as(pid)

    assert forked.take_new() == {11, 2**22}
    assert forked.take_new() == set()


def test_more_processes_than_one_read_takes_are_all_reported(forked):
    for pid in range(1, 3_001):
        forked.report_as(pid)

    assert forked.take_new() == set(range(1, 3_001))


def test_a_child_does_not_hang_where_nobody_reads(forked):
    for pid in range(1, 20_000):
        forked.report_as(pid)

    assert len(forked.take_new()) < 20_000


@pytest.fixture
def gone():
    """A process that has ended, and the id that it had."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    process = psutil.Process(child.pid)
    child.communicate(b"\n")
    return process


def test_a_process_is_found_while_it_lives(gone):
    assert find_process(os.getpid()).pid == os.getpid()
    assert find_process(gone.pid) is None


def test_a_process_has_a_status_until_it_ends(gone):
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    process = psutil.Process(child.pid)
    assert status_of(process)

    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert process.status() == psutil.STATUS_ZOMBIE
    assert status_of(process) is None
    child.communicate()
    assert status_of(process) is status_of(gone) is None


def test_a_process_that_is_stopped_for_long_counts_as_dead(monkeypatch, gone):
    stopped, now = StoppedProcesses(), 100.0
    monkeypatch.setattr(processes.time, "monotonic", lambda: now)
    stopped.note({gone: psutil.STATUS_STOPPED})
    assert not stopped.too_long()

    now += StoppedProcesses.LONGEST + 1
    stopped.note({gone: psutil.STATUS_STOPPED})
    assert stopped.too_long()

    stopped.note({gone: psutil.STATUS_SLEEPING})
    assert not stopped.too_long()


def test_a_signal_to_a_process_that_is_gone_is_no_error(gone):
    send_signal(gone, signal.SIGTERM)


def test_a_signal_arrives():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    send_signal(psutil.Process(child.pid), signal.SIGKILL)
    child.communicate()

    assert child.returncode == -signal.SIGKILL


def test_a_child_watches_the_process_that_forked_it(monkeypatch):
    hooks, watched = {}, []

    class Thread:
        def __init__(self, *, target, args, daemon):
            watched.append((target, args, daemon))

        def start(self):
            watched.append("started")

    monkeypatch.setattr(os, "register_at_fork", lambda **given: hooks.update(given))
    monkeypatch.setattr(processes.threading, "Thread", Thread)
    processes.exit_without_parent(10.0)
    assert watched == []

    monkeypatch.setattr(os, "getpid", lambda: 77)
    hooks["before"]()
    hooks["after_in_child"]()

    assert watched == [(processes.tasks.exit_after_parent, (77, 10.0), True), "started"]

"""The identity of a process: told from another one with the same number, and unmoved by the clock."""

import os
import subprocess
import sys
from datetime import UTC, datetime

import time_machine

from maintenance.core import process_identity


def test_a_process_that_lives_has_a_start_and_one_that_has_ended_has_none():
    process = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    assert process_identity.started(process.pid)

    process.communicate()

    assert process_identity.started(process.pid) is None


def test_what_is_left_of_a_process_that_nobody_waited_for_is_none():
    process = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)

    assert process_identity.started(process.pid) is None
    process.wait()


def test_a_later_process_has_another_start():
    process = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    assert process_identity.started(process.pid) != process_identity.started(os.getpid())
    process.communicate()


def test_a_step_of_the_clock_leaves_it_alone():
    before = process_identity.started(os.getpid())

    with time_machine.travel(datetime(2030, 1, 1, tzinfo=UTC)):
        assert process_identity.started(os.getpid()) == before


def test_another_boot_or_container_is_another_machine(monkeypatch, tmp_path):
    here = process_identity.machine.__wrapped__()
    boot, pids = tmp_path / "boot_id", tmp_path / "pids"
    boot.write_text("another boot")
    pids.symlink_to("pid:[1]")

    with monkeypatch.context() as other:
        other.setattr(process_identity, "BOOT", boot)
        assert process_identity.machine.__wrapped__() != here
    with monkeypatch.context() as other:
        other.setattr(process_identity, "PIDS", pids)
        assert process_identity.machine.__wrapped__() != here


def test_a_system_without_these_files_has_an_identity_too(monkeypatch, tmp_path):
    monkeypatch.setattr(process_identity, "BOOT", tmp_path / "missing")

    assert process_identity.machine.__wrapped__() == process_identity.machine.__wrapped__()

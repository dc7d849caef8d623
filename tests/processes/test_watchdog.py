"""A run that hangs, as a real process: its batch is ended, and where that fails, the process."""

import signal

import pytest
from django.db import connection

from maintenance.models import JobRun

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]

Status = JobRun.Status
IMPATIENT = {"MAINTENANCE_STALL_SECONDS": "1", "LOG_FORMAT": "console"}
SETTINGS = """
from bazaar.settings import *
INSTALLED_APPS += ["stubborn"]
"""
APP = """
from pathlib import Path
from django.apps import AppConfig

class Stubborn(AppConfig):
    name = "stubborn"

    def ready(self):
        from bazaar.jobs.cleanup_push_tokens import CleanupPushTokens

        process = CleanupPushTokens.process

        def hang_once(job, batch):
            mark = Path(__file__).with_name("has-hung")
            if not mark.exists():
                mark.touch()
                while True:
                    try:
                        while True:
                            pass
                    except BaseException:
                        pass
            return process(job, batch)

        CleanupPushTokens.process = hang_once
"""


@pytest.fixture
def stubborn(tmp_path):
    """Environment in which the first batch of the job hangs in Python, and catches every exception."""
    (tmp_path / "settings_of_the_test.py").write_text(SETTINGS)
    (tmp_path / "stubborn").mkdir()
    (tmp_path / "stubborn" / "__init__.py").touch()
    (tmp_path / "stubborn" / "apps.py").write_text(APP)
    return IMPATIENT | {"PYTHONPATH": tmp_path, "DJANGO_SETTINGS_MODULE": "settings_of_the_test"}


@pytest.mark.postgresql  # the trigger that hangs is written in PL/pgSQL
def test_a_statement_that_never_returns_fails_its_row_and_no_other(backlog, run, trigger):
    due = backlog(300)
    bad = due.last()
    trigger.create(due.model, when=f"OLD.id = {bad.pk}", postgresql="PERFORM pg_sleep(36000)")

    ended = run(due.job.command, **IMPATIENT)

    assert ended.status == 1, ended
    assert "Traceback" not in ended.text
    told = JobRun.objects.get()
    assert told.status == Status.PARTIAL
    assert told.details["errors"] == [{"id": bad.pk, "error": "no progress for 1 s"}]
    assert due.left() == 1
    due.assert_exact()


def test_a_loop_that_cannot_be_interrupted_ends_the_process_and_the_next_run_does_the_work(
    backlog, run, stubborn, expire
):
    due = backlog(50)

    ended = run(due.job.command, **stubborn)

    assert ended.status == 1, ended
    assert "The watchdog ended the process: no progress for 1 s" in ended.err
    if connection.vendor == "postgresql":  # SQLite's only writer is the transaction that hangs
        told = JobRun.objects.get()
        assert told.status == Status.CRASHED
        assert told.message.startswith("The watchdog ended the process: no progress for 1 s")
    assert due.left() == due.made
    expire()
    assert run(due.job.command, **stubborn).status == 0
    due.assert_finished()


@pytest.mark.postgresql  # SQLite's only writer is the transaction that hangs
def test_a_loop_that_ignores_a_signal_does_not_outlive_it(backlog, start, stubborn, until):
    due = backlog(50)
    command = start(due.job.command, **stubborn | {"MAINTENANCE_STALL_SECONDS": "3600"})
    mark = stubborn["PYTHONPATH"] / "stubborn" / "has-hung"
    until(mark.exists)

    command.signal(signal.SIGTERM)
    ended = command.wait()

    assert ended.status == 130, ended
    assert JobRun.objects.get().status == Status.INTERRUPTED
    assert due.left() == due.made

"""SIGTERM, Ctrl-C and a pause end a command at its next batch, or soon where the batch hangs.

No test measures time. Left alone, each command would go on for longer than `Command.wait` waits, or do all its work.
"""

import signal

import pytest
from django.db import connection, transaction

from maintenance.models import JobRun, Pause
from tests.processes.database import backend

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]

Status = JobRun.Status

SLOW = {"MAINTENANCE_BATCH_PAUSE": "0.5"}
FAST = {"MAINTENANCE_BATCH_SECONDS": "0.1"}


@pytest.fixture
def assert_interrupted(run):
    """Check that a command ended as an interrupted one does, and that the next run does the rest."""

    def check(command, interrupted, due, sentence):
        ended = command.wait()

        assert ended.status == 130, ended
        assert "Traceback" not in ended.text
        interrupted.refresh_from_db()
        assert interrupted.status == Status.INTERRUPTED
        assert sentence in interrupted.message
        assert f"{due.left():,} remaining." in interrupted.message
        assert 0 < interrupted.items_done == due.gone() < due.made
        due.assert_exact()
        assert run(due.job.command, **FAST).status == 0
        due.assert_finished()

    return check


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_signal_ends_a_command_at_its_next_batch(number, backlog, start, until_done, assert_interrupted):
    due = backlog(5_000)
    command = start(due.job.command, **SLOW)
    interrupted = until_done(command)

    command.signal(number)

    assert_interrupted(command, interrupted, due, "Interrupted.")


def test_a_signal_ends_the_pause_between_two_batches(backlog, start, until_done, assert_interrupted):
    due = backlog(500)
    command = start(due.job.command, MAINTENANCE_BATCH_PAUSE="900", MAINTENANCE_LEASE_SECONDS="3600")
    interrupted = until_done(command)

    command.signal(signal.SIGTERM)

    assert_interrupted(command, interrupted, due, "Interrupted.")


@pytest.mark.postgresql  # SQLite has one writer: nobody can hold a single row
def test_a_signal_ends_a_batch_that_waits_for_somebody_elses_lock(
    backlog, start, until, until_done, assert_interrupted
):
    due = backlog(500)
    with transaction.atomic():
        due.model.objects.select_for_update().get(pk=due.last().pk)
        command = start(due.job.command)
        interrupted = until_done(command, due.made - 100)
        until(lambda: (backend(interrupted) or {}).get("waits_for") == "Lock")
        command.signal(signal.SIGTERM)
        command.wait()

    assert_interrupted(command, interrupted, due, "Interrupted.")


@pytest.mark.postgresql  # SQLite's readers wait for nobody
@pytest.mark.usefixtures("only_in_long_form")
def test_a_signal_ends_a_command_that_has_not_begun_its_first_batch(backlog, start, until, until_done, run):
    due = backlog(100)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {due.model._meta.db_table}")
        command = start(due.job.command)
        interrupted = until_done(command, 0)
        until(lambda: (backend(interrupted) or {}).get("waits_for") == "Lock")
        command.signal(signal.SIGTERM)
        ended = command.wait()

    assert ended.status == 130, ended
    assert "Traceback" not in ended.text
    interrupted.refresh_from_db()
    assert interrupted.status == Status.INTERRUPTED
    assert due.left() == 100
    assert run(due.job.command).status == 0
    due.assert_finished()


@pytest.mark.postgresql  # the trigger that hangs is written in PL/pgSQL
@pytest.mark.usefixtures("only_in_long_form")
def test_a_signal_cancels_a_batch_that_hangs(backlog, start, until, until_done, trigger, run, assert_interrupted):
    due = backlog(500)
    trigger.create(due.model, when=f"OLD.id = {due.last().pk}", postgresql="PERFORM pg_sleep(600)")
    command = start(due.job.command)
    interrupted = until_done(command, due.made - 100)
    until(lambda: (backend(interrupted) or {}).get("waits_for") == "Timeout")
    command.signal(signal.SIGTERM)
    command.wait()

    trigger.drop()
    assert_interrupted(command, interrupted, due, "Interrupted.")


def test_a_pause_stops_what_runs_and_nothing_starts_until_it_is_over(
    backlog, start, run, until_done, assert_interrupted
):
    due = backlog(5_000)
    command = start(due.job.command, **SLOW)
    interrupted = until_done(command)

    assert run("jobs", "pause", "--reason", "moving house").status == 0
    assert command.wait().status == 130
    gone = due.gone()
    refused = run(due.job.command)

    assert refused.status == 75
    assert "paused" in refused.err
    assert due.gone() == gone
    assert run("jobs", "resume").status == 0
    assert not Pause.objects.exists()
    assert_interrupted(command, interrupted, due, "Stopped because all jobs are paused.")

"""SIGSTOP past the lease: a process that sleeps holds nobody up, and does no harm when it wakes."""

import psutil
import pytest
from django.db import connection, transaction

from maintenance.core.database import LOCK_TIMEOUT
from maintenance.models import JobRun, Pause
from tests.processes.database import backend

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]

Status = JobRun.Status

SLOW = {"MAINTENANCE_BATCH_PAUSE": "1"}
FAST = {"MAINTENANCE_BATCH_SECONDS": "0.1"}


@pytest.fixture
def succeed(run, until):
    """Start the job's command until one is let in, which finishes everything while the other one stands still."""

    def succeed(due, stopped, **variables):
        attempts = []
        until(lambda: attempts.append(run(due.job.command, **FAST, **variables)) or attempts[-1].status != 75)
        assert attempts[-1].status == 0, attempts[-1]
        assert due.left() == 0
        assert psutil.Process(stopped.process.pid).status() == psutil.STATUS_STOPPED

    return succeed


@pytest.fixture
def assert_harmless(until):
    """Continue the stopped command: it changes nothing any more, and says what it was."""

    def check(command, stopped, due):
        before = sorted(JobRun.objects.values_list("pk", "status", "items_done", "message", "finished_at"))
        due.add(100)
        command.go_on()
        ended = command.wait()

        assert ended.status == 1, ended
        assert "Traceback" not in ended.text
        assert due.left() == 100
        assert sorted(JobRun.objects.values_list("pk", "status", "items_done", "message", "finished_at")) == before
        stopped.refresh_from_db()
        assert stopped.status == Status.CRASHED
        due.assert_exact()

    return check


@pytest.fixture
def stop_in_mid_transaction(start, until_done, until):
    """Start a command and stop it while a batch's transaction is open, with rows locked."""

    def stop(due):
        with transaction.atomic():
            due.model.objects.select_for_update().get(pk=due.last().pk)
            command = start(due.job.command)
            run = until_done(command, due.made - 100)
            until(lambda: (backend(run) or {}).get("waits_for") == "Lock")
            command.stop()
        until(lambda: backend(run)["state"] == "idle in transaction")
        run.refresh_from_db()
        return command, run

    return stop


def test_a_run_that_is_stopped_between_batches_loses_its_lease_and_nothing_else(
    backlog, start, until_done, succeed, assert_harmless
):
    due = backlog(1_000)
    command = start(due.job.command, **SLOW)
    stopped = until_done(command)
    command.stop()

    succeed(due, command)

    assert_harmless(command, stopped, due)


@pytest.mark.postgresql  # SQLite has one writer: whoever stops in mid-transaction stops everybody
def test_the_successor_of_a_stopped_transaction_waits_for_a_lease(
    backlog, stop_in_mid_transaction, succeed, assert_harmless
):
    due = backlog(500)
    command, stopped = stop_in_mid_transaction(due)

    succeed(due, command)

    assert backend(stopped) is None
    assert_harmless(command, stopped, due)


@pytest.mark.postgresql  # SQLite has one writer: whoever stops in mid-transaction stops everybody
@pytest.mark.usefixtures("only_in_long_form")
def test_a_stopped_transaction_releases_its_locks(backlog, stop_in_mid_transaction, until, run):
    due = backlog(500)
    command, stopped = stop_in_mid_transaction(due)

    until(lambda: backend(stopped) is None)
    command.go_on()
    ended = command.wait()

    assert ended.status == 1, ended
    assert "Traceback" not in ended.text
    assert "longer than its lease" in ended.err
    stopped.refresh_from_db()
    assert stopped.status == Status.CRASHED
    due.assert_exact()
    assert run(due.job.command, **FAST).status == 0
    due.assert_finished()


def test_a_short_stop_is_forgiven(backlog, start, until_done):
    due = backlog(200)
    command = start(due.job.command, MAINTENANCE_BATCH_PAUSE="0.1")
    until_done(command)
    command.stop()
    command.go_on()

    assert command.wait().status == 0
    due.assert_finished()


@pytest.mark.postgresql  # SQLite has one writer: whoever stops in mid-transaction stops everybody
@pytest.mark.usefixtures("only_in_long_form")
def test_a_command_that_is_stopped_while_it_claims_the_lease_does_not_keep_it(backlog, start, until, succeed):
    longer = {"MAINTENANCE_LEASE_SECONDS": LOCK_TIMEOUT.total_seconds() + 3}
    due = backlog(100)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {Pause._meta.db_table}")
        command = start(due.job.command, **longer)
        # Its run is in a transaction that nobody sees.
        until(lambda: cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone())
        command.stop()

    succeed(due, command, **longer)

    command.go_on()
    assert command.wait().status == 1
    due.assert_finished()

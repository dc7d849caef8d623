"""Errors in the middle of a run: told in a sentence, without what a row says, and with counts that are right."""

import json
import signal

import pytest
from django.db import connection, transaction

from bazaar.models import AuditLog, Invitation
from maintenance.core import registry
from maintenance.models import JobRun
from tests.processes.database import backend

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]

Status = JobRun.Status

SLOW = {"MAINTENANCE_BATCH_PAUSE": "0.05"}
FAST = {"MAINTENANCE_BATCH_SECONDS": "0.1"}
LOST = "The connection to the database was lost"
GOES_ON = "The run goes on with a new connection."


def terminate(run):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [run.backend_pid])


def assert_made_good(command, lost, due, *, times=1):
    """Check that a run which lost its connection went on to its end, with counts that are exact."""
    ended = command.wait()

    assert ended.status == 0, ended
    assert "Traceback" not in ended.text
    assert ended.err.count(LOST) == ended.err.count(GOES_ON) == times
    number = lost.backend_pid
    lost.refresh_from_db()
    assert lost.status == Status.SUCCEEDED
    assert lost.backend_pid != number
    assert lost.items_done == due.made
    due.assert_finished()


@pytest.mark.parametrize("log_format", ["console", "json"])
def test_an_error_that_quotes_a_row_leaves_its_words_nowhere(log_format, backlog, run, trigger):
    address = "ann.secret@example.org"
    due = backlog(300, "cleanup-invitations")
    bad = due.first()
    Invitation.objects.filter(pk=bad.pk).update(email=address)
    trigger.create(
        Invitation,
        when=f"OLD.id = {bad.pk}",
        postgresql="RAISE 'Cannot delete %', OLD.email USING ERRCODE = '23503', DETAIL = 'Key (' || OLD.email || ')'",
        sqlite=f"SELECT RAISE(ABORT, 'Cannot delete {address}')",
    )

    ended = run(due.job.command, LOG_FORMAT=log_format, LOG_LEVEL="DEBUG")

    assert ended.status == 1, ended
    assert list(due.due().values_list("pk", "email")) == [(bad.pk, address)]
    told = JobRun.objects.get()
    assert told.status == Status.PARTIAL
    assert told.items_done == 299
    assert [error["id"] for error in told.details["errors"]] == [bad.pk]
    everything = ended.text + json.dumps([*JobRun.objects.values(), *AuditLog.objects.values()], default=str)
    assert "IntegrityError" in everything
    assert "secret" not in everything
    assert "Cannot delete" not in everything
    assert "Traceback" not in everything
    due.assert_exact()


@pytest.mark.postgresql  # SQLite has no server that could lose a connection
def test_a_connection_that_is_ended_between_batches_is_made_good(backlog, start, until_done):
    due = backlog(300)
    command = start(due.job.command, MAINTENANCE_BATCH_PAUSE="0.2")
    lost = until_done(command)

    terminate(lost)

    assert_made_good(command, lost, due)


@pytest.mark.postgresql  # SQLite has no server that could lose a connection
@pytest.mark.parametrize("job", ["recalculate-karma", "anonymize-audit-logs"])
def test_a_connection_that_is_ended_before_the_first_batch_is_made_good(job, start, until, run):
    """The statement that counts what is due waits for a lock, and loses its connection there."""
    job = registry.get(job)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE bazaar_user, bazaar_auditlog")
        command = start(job.command)
        lost = until(lambda: JobRun.objects.filter(status=Status.RUNNING, pid=command.process.pid).first())
        until(lambda: (backend(lost) or {}).get("waits_for") == "Lock")
        terminate(lost)

    ended = command.wait()
    assert ended.status == 0, ended
    assert GOES_ON in ended.err


@pytest.mark.postgresql  # SQLite has no server that could lose a connection
def test_a_connection_that_is_ended_in_a_batch_is_made_good(backlog, start, until, until_done):
    due = backlog(500)
    with transaction.atomic():
        due.model.objects.select_for_update().get(pk=due.last().pk)
        command = start(due.job.command)
        lost = until_done(command, due.made - 100)
        until(lambda: (backend(lost) or {}).get("waits_for") == "Lock")
        terminate(lost)

    assert_made_good(command, lost, due)


@pytest.mark.postgresql  # SQLite has no server that could lose a connection
def test_a_row_that_ends_each_connection_is_found_and_the_others_go(backlog, start, trigger):
    due = backlog(200)
    bad = due.last()
    trigger.create(due.model, when=f"OLD.id = {bad.pk}", postgresql="PERFORM pg_terminate_backend(pg_backend_pid())")
    ended = start(due.job.command).wait()

    assert ended.status == 1, ended
    told = JobRun.objects.get()
    assert told.status == Status.PARTIAL
    assert [error["id"] for error in told.details["errors"]] == [bad.pk]
    assert due.left() == 1
    due.assert_exact()


@pytest.mark.postgresql  # SQLite has no server that could lose a connection
def test_a_batch_counts_when_only_the_answer_to_its_commit_was_lost(backlog, start, until_done, proxy):
    due = backlog(1_000)
    command = start(due.job.command, DATABASE_URL=proxy.url, **SLOW)
    lost = until_done(command)

    proxy.lose_next_answer_to_commit()
    command.wait()

    assert proxy.lost_commits == 1
    assert_made_good(command, lost, due)


@pytest.mark.postgresql  # SQLite has no server that could go
def test_a_server_that_goes_for_good_is_told_and_the_next_run_clears_up(backlog, start, run, until_done, proxy, expire):
    due = backlog(1_000)
    command = start(due.job.command, "--json", DATABASE_URL=proxy.url, **SLOW)
    lost = until_done(command)

    proxy.refuse()
    proxy.cut()
    ended = command.wait()

    assert ended.status == 1, ended
    assert "Traceback" not in ended.text
    assert ended.json["status"] == Status.CRASHED
    assert ended.json["message"].startswith("The database cannot be written any more")
    expire()
    assert run(due.job.command, **FAST).status == 0
    lost.refresh_from_db()
    assert lost.status == Status.CRASHED
    due.assert_finished()


@pytest.mark.postgresql  # SQLite's statements are interrupted in the process itself
@pytest.mark.usefixtures("only_in_long_form")
def test_a_statement_that_cannot_be_cancelled_ends_the_command_all_the_same(
    backlog, start, until, until_done, proxy, trigger
):
    due = backlog(500)
    trigger.create(due.model, when=f"OLD.id = {due.last().pk}", postgresql="PERFORM pg_sleep(600)")
    command = start(due.job.command, DATABASE_URL=proxy.url, MAINTENANCE_LEASE_SECONDS="60")
    interrupted = until_done(command, due.made - 100)
    until(lambda: (backend(interrupted) or {}).get("waits_for") == "Timeout")

    proxy.refuse()
    command.signal(signal.SIGTERM)
    ended = command.wait()

    terminate(interrupted)  # the server does not know yet that its client has gone
    assert ended.status == 1, ended
    assert "Traceback" not in ended.text
    assert "could not be cancelled: OperationalError." in ended.err
    assert "The database cannot be written any more" in ended.err
    due.assert_exact()

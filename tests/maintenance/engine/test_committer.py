"""What a run counts in the end where the database did not answer, or took back what it had said."""

import psycopg
import pytest
from django.db import connection
from django.db.models import Value
from django.db.models.functions import Concat

from maintenance.api import Outcome, RowStage, delete_rows
from maintenance.engine import committer
from maintenance.engine.runner import run_now
from maintenance.models import JobRun

pytestmark = [
    pytest.mark.postgresql,  # SQLite has no server that could crash
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def server():
    """A connection that is not the run's, and survives it."""
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
        yield other


@pytest.fixture
def waiting_connection():
    """Let the run's connection wait for the disk; for the tests' own server that is turned off."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO local")
    yield
    connection.close()


@pytest.fixture
def crash(server):
    """Bring the run's row back to what it was, and end its connection: what a crash of the server does to a run."""

    def crash(was):
        server.execute(
            "UPDATE maintenance_jobrun SET items_done = %s, details = %s WHERE id = %s",
            [was.items_done, psycopg.types.json.Jsonb(was.details), was.pk],
        )
        server.execute("SELECT pg_terminate_backend(%s)", [was.backend_pid])

    return crash


def run_until(crash, *, done, back_to):
    """Run, and crash after `done` items so that only the batches up to `back_to` are there."""
    rows = {}

    def look(number, _due):
        rows[number] = JobRun.objects.get(job="scratch")
        if number == done:
            crash(rows[back_to])

    return run_now("scratch", progress=look)


def test_a_run_goes_on_where_a_crash_took_nothing_back(scratch_job, items, batches_of, crash):
    scratch_job(durable_batches=False)
    items(7)
    batches_of(1)

    result = run_until(crash, done=4, back_to=4)

    assert result.success
    assert result.details["counts"] == {"deleted": 7}


@pytest.mark.parametrize("back_to", [0, 1, 3])
def test_what_a_crash_took_back_is_not_counted(scratch_job, items, batches_of, crash, back_to):
    scratch_job(durable_batches=False)
    items(7)
    batches_of(1)

    result = run_until(crash, done=4, back_to=back_to)

    assert result.status == JobRun.Status.CRASHED
    run = JobRun.objects.get(pk=result.run_id)
    assert run.items_done == back_to
    assert run.details["counts"] == ({"deleted": back_to} if back_to else {})
    assert run.details["batches"]["count"] == back_to
    assert run.details["backlog"] == 7 - back_to


@pytest.mark.parametrize(("seconds", "number"), [(0, 0), (600, 3)])
def test_a_batch_waits_for_the_disk_where_the_last_one_that_did_is_long_ago(
    scratch_job, items, batches_of, monkeypatch, seconds, number
):
    monkeypatch.setattr(committer, "FLUSH_SECONDS", seconds)
    scratch_job(durable_batches=False)
    items(3)
    batches_of(1)
    said = []

    def note(execute, sql, params, many, context):
        if "synchronous_commit" in sql:
            said.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        assert run_now("scratch").success
    assert len(said) == number


def log_position(function):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}() - '0/0'")
        return cursor.fetchone()[0]


def test_what_a_stage_has_written_is_on_the_disk_before_the_next_one_begins(scratch_job, items, waiting_connection):
    """An upload is condemned for good before its file is removed."""
    written, on_the_disk = [], []

    def prepare(batch):
        changed = batch.update(label=Concat(Value("prepared "), "label"))
        written.append(log_position("pg_current_wal_insert_lsn"))
        return Outcome(deferred=changed)

    def finish(batch):
        on_the_disk.append(log_position("pg_current_wal_flush_lsn"))
        return Outcome(deleted=delete_rows(batch))

    def stages(job, now):
        return [RowStage(job.due(now).exclude(label__startswith="prepared "), prepare), RowStage(job.due(now), finish)]

    scratch_job(durable_batches=False, stages=stages)
    items(2)
    assert run_now("scratch").success
    assert on_the_disk[0] >= written[-1]


@pytest.mark.parametrize(("waits", "setting"), [(True, "local"), (False, "off")])
def test_only_a_job_that_can_do_without_does_not_wait_for_the_disk(
    scratch_job, items, waiting_connection, waits, setting
):
    settings = []

    def process(batch):
        with connection.cursor() as cursor:
            cursor.execute("SHOW synchronous_commit")
            settings.append(cursor.fetchone()[0])
        return Outcome(deleted=delete_rows(batch))

    scratch_job(process, durable_batches=waits)
    items(2)
    assert run_now("scratch").success
    assert settings == [setting]

"""The lease, with connections and threads of its own: nothing here runs inside a test's transaction."""

import threading
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.db.models.functions import Now
from django.utils import timezone

from maintenance.api import Outcome, delete_rows
from maintenance.engine import heartbeat, lease, watchdog
from maintenance.engine.cancellation import CancellationToken
from maintenance.engine.runner import run_now
from maintenance.models import JobRun
from tests.engine_app.models import Item

pytestmark = pytest.mark.django_db(transaction=True)

Status = JobRun.Status


@pytest.fixture
def impatient(monkeypatch):
    """Look for stop requests often, and cancel a batch soon."""
    monkeypatch.setattr(heartbeat, "TICK", 0.05)
    monkeypatch.setattr(watchdog, "TICK", 0.05)
    monkeypatch.setattr(watchdog, "PATIENCE", 0.2)


def in_thread(action):
    """Run `action` on a connection of its own."""

    def act():
        try:
            action()
        finally:
            connections.close_all()

    thread = threading.Thread(target=act)
    thread.start()
    return thread


@pytest.mark.postgresql  # on SQLite the batches' own fences are the only renewal
def test_a_heartbeat_renews_the_lease_while_one_unit_is_busy(scratch_job, items, settings, impatient):
    settings.MAINTENANCE_LEASE_SECONDS = 5
    monkey_beats = threading.Event()

    def process(batch):
        run = JobRun.objects.get()
        while JobRun.objects.filter(pk=run.pk, heartbeat_at__gt=run.heartbeat_at).count() == 0:
            monkey_beats.wait(0.05)
        return Outcome(deleted=delete_rows(batch))

    items(1)
    scratch_job(process)

    assert run_now("scratch").success


@pytest.mark.postgresql  # on SQLite nobody can write while a batch is on
def test_a_cancel_request_ends_a_batch_that_does_not_end(scratch_job, items, impatient):
    def process(_batch):
        in_thread(lambda: JobRun.objects.update(cancel_requested_at=timezone.now())).join(10)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(60)")
        return Outcome()

    items(2)
    scratch_job(process)

    result = run_now("scratch")

    assert result.status == Status.CANCELLED
    assert result.duration < timedelta(seconds=30)
    assert Item.objects.count() == 2


def test_a_stop_request_ends_a_statement_that_does_not_end(scratch_job, items, impatient):
    endless = {
        "postgresql": "SELECT pg_sleep(60)",
        "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n",
    }
    stop = CancellationToken()

    def process(_batch):
        stop.request()
        with connection.cursor() as cursor:
            cursor.execute(endless[connection.vendor])
        return Outcome()

    items(2)
    scratch_job(process)

    result = run_now("scratch", stop=stop)

    assert result.status == Status.INTERRUPTED
    assert Item.objects.count() == 2


@pytest.mark.postgresql  # SQLite has no server that could lose a connection
def test_a_takeover_ends_the_database_process_of_the_lost_run_and_its_locks(scratch_job, items):
    taken_over = {}

    def process(batch):
        deleted = delete_rows(batch)
        if not taken_over:
            taken_over["first"] = True
            JobRun.objects.using("default")
            in_thread(take_over).join(30)
        return Outcome(deleted=deleted)

    def take_over():
        JobRun.objects.update(heartbeat_at=Now() - lease.lease_time() * 2)
        taken_over["result"] = run_now("scratch")

    items(3)
    scratch_job(process)

    result = run_now("scratch")

    assert taken_over["result"].success
    assert taken_over["result"].details["counts"] == {"deleted": 3}
    assert result.status == Status.CRASHED
    assert sum(JobRun.objects.values_list("items_done", flat=True)) == 3


@pytest.mark.postgresql  # SQLite has one writer: there the second one waits or gives up
def test_a_row_that_somebody_holds_locked_is_told_and_blocks_no_other(scratch_job, items, monkeypatch, batches_of):
    monkeypatch.setattr("maintenance.core.database.LOCK_TIMEOUT", timedelta(milliseconds=50))
    rows = items(4)
    batches_of(4)
    scratch_job()
    locked, done = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            list(Item.objects.select_for_update().filter(pk=rows[1].pk))
            locked.set()
            done.wait(30)

    thread = in_thread(hold)
    locked.wait(10)
    try:
        result = run_now("scratch")
    finally:
        done.set()
        thread.join()

    assert result.status == Status.PARTIAL
    assert result.details["errors"] == [{"id": rows[1].pk, "error": "OperationalError 55P03"}]
    assert list(Item.objects.values_list("pk", flat=True)) == [rows[1].pk]
    assert run_now("scratch").success
    assert not Item.objects.exists()


@pytest.mark.postgresql  # the limits are PostgreSQL's
def test_a_run_leaves_the_connection_as_it_found_it(scratch_job, items):
    names = ["lock_timeout", "idle_in_transaction_session_timeout", "application_name"]

    def values():
        with connection.cursor() as cursor:
            return [cursor.execute(f"SHOW {name}").fetchone()[0] for name in names]

    during = []

    def process(batch):
        during.extend(values())
        return Outcome(deleted=delete_rows(batch))

    before = values()
    items(1)
    scratch_job(process)

    run_now("scratch")

    assert during != before
    assert during[:2] == ["5s", "1min"]
    assert values() == before


def test_the_end_of_the_database_is_told_in_a_sentence(scratch_job, items, monkeypatch):
    def process(_batch):
        monkeypatch.setattr("maintenance.engine.lease.finish", refuse)
        raise RuntimeError

    def refuse(*_args):
        raise OperationalError("server closed the connection, secret@example.org")

    items(1)
    scratch_job(process)

    result = run_now("scratch")

    assert result.status == Status.CRASHED
    assert "secret" not in result.message
    monkeypatch.undo()
    JobRun.objects.update(heartbeat_at=Now() - lease.lease_time() * 2)
    assert JobRun.objects.get().status == Status.RUNNING, "nobody could write it down"
    scratch_job_again = run_now("scratch", dry_run=False)
    assert JobRun.objects.order_by("pk").first().status == Status.CRASHED
    assert scratch_job_again.status != Status.SKIPPED

"""A run whose connection is lost: it goes on with another one, ends, or stops. Real processes: `test_errors.py`."""

from datetime import timedelta

import psycopg
import pytest
from django.db import OperationalError, connection

from maintenance.api import Outcome, delete_rows
from maintenance.core.states import Status
from maintenance.engine import lease, reconnect
from maintenance.engine.runner import run_now
from maintenance.models import JobRun
from tests.engine_app.models import Item

pytestmark = [
    pytest.mark.postgresql,  # SQLite has no server that could lose a connection
    pytest.mark.django_db(transaction=True),
]


def terminate():
    """End the run's connection from outside."""
    number = JobRun.objects.get(status=Status.RUNNING).backend_pid
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [number])


def test_a_batch_that_lost_its_connection_is_tried_again_whole(scratch_job, items):
    items(4)
    lost = []

    def process(batch):
        if not lost:
            lost.append(1)
            terminate()
        return Outcome(deleted=delete_rows(batch))

    job = scratch_job(process)
    result = run_now("scratch")

    assert (result.status, result.details["counts"]) == (Status.SUCCEEDED, {"deleted": 4})
    assert job.batches[0] == job.batches[1]


def test_the_new_connection_has_the_limits_and_the_name_of_the_run(scratch_job, items):
    items(1)
    said = []

    def process(batch):
        if not said:
            said.append(None)
            terminate()
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('application_name'), current_setting('lock_timeout')")
            said.append(cursor.fetchone())
        return Outcome(deleted=delete_rows(batch))

    scratch_job(process)
    result = run_now("scratch")

    assert said == [None, (lease.application_name(JobRun.objects.get(pk=result.run_id)), "5s")]


def test_a_run_that_was_cancelled_meanwhile_stops(scratch_job, items):
    items(2)

    def process(_batch):
        run = JobRun.objects.get(status=Status.RUNNING)
        with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
            other.execute("UPDATE maintenance_jobrun SET cancel_requested_at = now() WHERE id = %s", [run.pk])
            other.execute("SELECT pg_terminate_backend(%s)", [run.backend_pid])
        return Outcome(deleted=0)

    scratch_job(process)

    assert run_now("scratch").status == Status.CANCELLED
    assert Item.objects.count() == 2


def test_a_database_that_stays_away_for_a_lease_ends_the_run(scratch_job, items, monkeypatch):
    monkeypatch.setattr(lease, "lease_time", lambda: timedelta(seconds=0.5))
    monkeypatch.setattr(reconnect, "RETRY_EVERY", 0.05)
    attempts = []

    def refuse():
        attempts.append(1)
        raise OperationalError

    def process(_batch):
        monkeypatch.setattr(reconnect, "set_limits", refuse)
        terminate()
        return Outcome()

    items(1)
    scratch_job(process)

    assert run_now("scratch").status == Status.CRASHED
    assert len(attempts) > 1

"""Nights on which much goes wrong at once: many bad rows among very many, and deadlocks with the site's own writes."""

import threading

import pytest
from django.db import connection, transaction

from maintenance.models import JobRun
from tests.processes.database import backend

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]

Status = JobRun.Status

EVERY = 1_000
FEW, MANY = 10_000, 1_000_000


def test_of_very_many_rows_every_thousandth_fails_and_all_others_go(backlog, start, trigger, long_form):
    due = backlog(MANY if long_form else FEW)
    bad = set(due.due().filter(pk__iregex=r"000$").values_list("pk", flat=True))
    assert len(bad) == due.made // EVERY
    trigger.create(
        due.model,
        when=f"OLD.id % {EVERY} = 0",
        postgresql="RAISE 'no' USING ERRCODE = '23503'",
        sqlite="SELECT RAISE(ABORT, 'no')",
    )

    ended = start(due.job.command, MAINTENANCE_BATCH_PAUSE="0").wait(3_600)

    assert ended.status == 1, ended
    told = JobRun.objects.get()
    assert told.status == Status.PARTIAL
    assert (told.items_due, told.items_done) == (due.made, due.made - len(bad))
    assert told.details["counts"]["failed"] == len(bad)
    assert {error["id"] for error in told.details["errors"]} <= bad
    assert len(told.details["errors"]) <= 100, "a run does not grow with what failed"
    assert set(due.due().values_list("pk", flat=True)) == bad
    due.assert_exact()


def deadlocks():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]


@pytest.mark.postgresql  # SQLite has one writer
def test_a_deadlock_with_the_site_costs_a_second_try_and_no_row(backlog, start, until):
    due, before = backlog(200), deadlocks()
    last, other = (
        due.due().order_by("-pk").values_list("pk", flat=True)[:2]
    )  # of the same batch, which locks the other first
    visitor_is_done = threading.Event()

    def visit():
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL deadlock_timeout = '10min'")  # so it is the run that the server ends
                due.model.objects.filter(pk=last).update(token="visited")
                has_locked.set()
                goes_on.wait()
                due.model.objects.filter(pk=other).update(token="visited, too")
            visitor_is_done.set()
        finally:
            connection.close()

    has_locked, goes_on = threading.Event(), threading.Event()
    visitor = threading.Thread(target=visit)
    visitor.start()
    has_locked.wait()
    command = start(due.job.command, MAINTENANCE_BATCH_SECONDS="60")
    run = until(lambda: JobRun.objects.filter(status=Status.RUNNING, pid=command.process.pid).first())
    until(lambda: (backend(run) or {}).get("waits_for") == "Lock")
    goes_on.set()
    visitor.join()
    ended = command.wait()

    assert deadlocks() > before
    assert visitor_is_done.is_set(), "the visitor's own change was not refused"
    assert ended.status == 0, ended
    run.refresh_from_db()
    assert run.status == Status.SUCCEEDED
    assert run.details.get("errors", []) == []
    due.assert_finished()

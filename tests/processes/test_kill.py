"""`kill -9` at random moments: nothing is lost, nothing is counted twice, and the next run finishes."""

import signal
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction

from maintenance.models import JobRun
from tests.processes.command import LEASE
from tests.processes.rows import retention_jobs

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]

Status = JobRun.Status

ROWS = 10_000
SLOW = {"MAINTENANCE_BATCH_PAUSE": "0.01"}
FAST = {"MAINTENANCE_BATCH_SECONDS": "0.1"}


@pytest.mark.postgresql  # only there a lock can hold a dry run up, so that it can be killed
def test_a_dry_run_that_was_killed_does_not_run_for_ever(backlog, start, run, until_done, expire):
    due = backlog(10)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {due.model._meta.db_table}")
        command = start(due.job.command, "--dry-run")
        killed = until_done(command, 0)
        command.signal(signal.SIGKILL)
        command.wait()
    expire()

    assert run(due.job.command).status == 0

    killed.refresh_from_db()
    assert killed.status == Status.CRASHED
    due.assert_finished()


@pytest.mark.parametrize("job", retention_jobs())
def test_killed_runs_end_where_an_undisturbed_run_ends(job, backlog, start, run, until_done, expire, chance, long_form):
    due = backlog(ROWS, job)
    kills, killed = (30 if long_form else 2), 0
    while killed < kills:
        if due.left() < ROWS / 10:
            due.add(ROWS)
        command = start(due.job.command, **SLOW)
        if not killed or chance.random() < 0.8:
            until_done(command)
            time.sleep(chance.uniform(0, 0.3))
        else:
            time.sleep(chance.uniform(0, 1))
        command.signal(signal.SIGKILL)
        killed += command.wait().status == -signal.SIGKILL
        expire()

    last = run(due.job.command, **FAST)

    assert last.status == 0, last
    due.assert_finished()
    assert set(JobRun.objects.values_list("status", flat=True)) == {Status.CRASHED, Status.SUCCEEDED}


def test_the_successor_of_a_killed_run_is_let_in_when_the_lease_is_over(backlog, start, run, until, until_done):
    due = backlog(ROWS)
    command = start(due.job.command, **SLOW)
    killed = until_done(command)
    command.signal(signal.SIGKILL)
    attempts = []

    until(lambda: attempts.append(run(due.job.command, **FAST)) or attempts[-1].status != 75)

    assert attempts.pop().status == 0
    assert {attempt.status for attempt in attempts} <= {75}
    killed.refresh_from_db()
    successor = JobRun.objects.get(status=Status.SUCCEEDED)
    assert successor.started_at - killed.heartbeat_at >= timedelta(seconds=LEASE), "by the database's clock"
    assert killed.status == Status.CRASHED
    assert killed.items_done > 0
    due.assert_finished()

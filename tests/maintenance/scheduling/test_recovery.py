"""What was lost is told, and made good once."""

import os
import socket
import subprocess
import sys
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone
from django_q.models import OrmQ
from django_q.tasks import async_task

from maintenance import tasks
from maintenance.core import process_identity
from maintenance.engine import lease
from maintenance.engine.runner import run_now
from maintenance.models import JobRun
from maintenance.scheduling import controls, recovery, schedules
from maintenance.scheduling.run_requests import request_run
from tests.maintenance.scheduling.rows import JOB, OTHER, recoveries

pytestmark = pytest.mark.django_db

Status, Trigger = JobRun.Status, JobRun.Trigger


@pytest.fixture
def gone():
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def running(job=JOB, *, age=timedelta(0), **fields):
    values = {
        "trigger": Trigger.SCHEDULE,
        "status": Status.RUNNING,
        "host": socket.gethostname(),
        "machine": process_identity.machine(),
        "pid": os.getpid(),
        "process_started": process_identity.started(os.getpid()),
    }
    run = JobRun.objects.create(job=job, **values | fields)
    JobRun.objects.filter(pk=run.pk).update(started_at=Now() - age, heartbeat_at=Now() - age)
    run.refresh_from_db()
    return run


# Runs whose process is gone


def test_a_run_whose_lease_is_lost_crashed_and_is_started_again(caplog):
    run = running(age=2 * lease.lease_time())

    assert recovery.reap() == [run]
    assert recovery.resume() == [JOB]

    run.refresh_from_db()
    assert run.status == Status.CRASHED
    assert run.finished_at
    assert recoveries() == [(JOB, Status.QUEUED)]
    assert f"{run} crashed" in caplog.text
    assert recovery.reap() == recovery.resume() == []
    assert recoveries() == [(JOB, Status.QUEUED)]


def test_a_run_whose_process_is_gone_crashed_before_its_lease_is_over(gone):
    run = running(pid=gone)

    assert recovery.reap() == [run]
    assert recovery.resume() == [JOB]

    assert recoveries() == [(JOB, Status.QUEUED)]


def test_a_run_that_lives_is_left_alone():
    running()

    assert recovery.reap() == []


def test_a_run_on_another_machine_lives_by_its_lease(gone):
    run = running(pid=gone, machine="another container with the same host name")
    assert recovery.reap() == []

    JobRun.objects.filter(pk=run.pk).update(heartbeat_at=Now() - 2 * lease.lease_time())
    assert recovery.reap() == [run]


def test_a_run_whose_process_id_belongs_to_a_later_process_crashed():
    run = running(process_started=1)

    assert recovery.reap() == [run]


def test_a_run_of_a_version_that_noted_no_machine_lives_by_its_lease(gone):
    running(pid=gone, machine="")

    assert recovery.reap() == []


def test_a_recovery_that_crashed_is_not_started_again(gone):
    running(pid=gone, trigger=Trigger.RECOVERY)

    assert recovery.reap()
    assert recovery.resume() == []

    assert recoveries() == [(JOB, Status.CRASHED)]


def test_a_dry_run_that_crashed_is_not_started_again(gone):
    running(pid=gone, dry_run=True)

    assert recovery.reap()
    assert recovery.resume() == []

    assert recoveries() == []


def test_a_job_that_was_disabled_is_not_started_again(gone):
    controls.disable(JOB)
    running(pid=gone)

    assert recovery.reap()
    assert recovery.resume() == []

    assert recoveries() == []


def test_a_run_that_waited_for_another_job_crashes_too(gone):
    run = running(pid=gone, status=Status.QUEUED)

    assert recovery.reap() == [run]
    assert recovery.resume() == [JOB]

    assert recoveries() == [(JOB, Status.QUEUED)]


# Runs that were interrupted


def test_a_job_that_a_shutdown_interrupted_goes_on():
    running(status=Status.INTERRUPTED)

    assert recovery.resume() == [JOB]
    assert recovery.resume() == []

    assert recoveries() == [(JOB, Status.QUEUED)]


@pytest.mark.parametrize(
    "fields",
    [{"trigger": Trigger.COMMAND}, {"dry_run": True}, {"details": {"paused": True}}, {"status": Status.CANCELLED}],
    ids=["at the command line", "a dry run", "by a pause", "cancelled"],
)
def test_what_an_operator_stopped_does_not_go_on_by_itself(fields):
    running(**{"status": Status.INTERRUPTED} | fields)

    assert recovery.resume() == []


def test_a_run_that_a_pause_stopped_says_so(tokens, batches_of):
    tokens(4)
    batches_of(2)

    result = run_now(JOB, trigger=Trigger.SCHEDULE, progress=lambda done, _due: controls.pause() if done else None)

    assert (result.status, result.details["counts"]) == (Status.INTERRUPTED, {"deleted": 2})
    controls.resume()
    assert recovery.resume() == []


def test_what_was_run_since_does_not_go_on():
    running(status=Status.INTERRUPTED)
    running(status=Status.SUCCEEDED)

    assert recovery.resume() == []


# Times that were missed


def test_recoveries_go_one_at_a_time_in_the_order_in_which_they_wait():
    recovery.request_recovery(JOB)
    recovery.request_recovery(OTHER)

    (first,) = recovery.dispatch()
    assert (first.job, recovery.dispatch()) == (JOB, [])
    task = OrmQ.objects.get()
    assert (task.func(), task.args(), task.task_id()) == ("maintenance.tasks.run_queued", (first.pk,), first.task_id)
    JobRun.objects.filter(pk=first.pk).update(status=Status.RUNNING)
    assert recovery.dispatch() == []
    JobRun.objects.filter(pk=first.pk).update(status=Status.SUCCEEDED)

    (second,) = recovery.dispatch()
    assert second.job == OTHER


def test_a_recovery_that_is_handed_over_runs(tokens):
    tokens(3)
    recovery.request_recovery(JOB)
    (run,) = recovery.dispatch()

    assert tasks.run_queued(run.pk) == Status.SUCCEEDED

    run.refresh_from_db()
    assert (run.items_done, run.trigger) == (3, Trigger.RECOVERY)


def test_a_run_that_the_queue_lost_is_handed_over_again():
    recovery.request_recovery(JOB)
    (run,) = recovery.dispatch()
    OrmQ.objects.all().delete()
    assert recovery.dispatch() == []

    JobRun.objects.filter(pk=run.pk).update(queued_at=Now() - 2 * recovery.LOST_AFTER)
    assert recovery.dispatch() == [run]
    JobRun.objects.filter(pk=run.pk).update(queued_at=Now() - 2 * recovery.LOST_AFTER)
    assert recovery.dispatch() == []

    assert OrmQ.objects.count() == 1


def test_a_request_that_the_queue_lost_is_handed_over_again(staff_user):
    run, _ = request_run(JOB, by=staff_user)
    OrmQ.objects.all().delete()
    JobRun.objects.filter(pk=run.pk).update(queued_at=Now() - 2 * recovery.LOST_AFTER)

    assert recovery.dispatch() == [run]


def test_nothing_is_handed_over_during_a_pause():
    recovery.request_recovery(JOB)
    controls.pause()
    assert recovery.dispatch() == []

    controls.resume()
    assert [run.job for run in recovery.dispatch()] == [JOB]


def test_a_job_that_waits_already_does_not_wait_twice():
    assert recovery.request_recovery(JOB)
    assert not recovery.request_recovery(JOB)
    assert not recovery.request_recovery("gone")


def test_tasks_that_nobody_has_begun_are_offered_again():
    ours, theirs = async_task(schedules.FUNCTION, JOB), async_task("builtins.len", "x")
    later = timezone.now() + timedelta(hours=1)
    OrmQ.objects.update(lock=later)

    assert recovery.requeue_unstarted() == 1

    locks = {task.task_id(): task.lock for task in OrmQ.objects.all()}
    assert locks[ours] < timezone.now()
    assert locks[theirs] == later

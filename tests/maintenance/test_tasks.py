"""What the queue calls: whatever goes wrong is told, and nothing gets out."""

import os
import subprocess
import sys
import threading
from datetime import UTC, datetime

import pytest
from django.db import OperationalError
from django_q.exceptions import TimeoutException
from django_q.models import OrmQ
from django_q.signals import pre_execute
from django_q.tasks import async_task

from maintenance import tasks
from maintenance.core import registry
from maintenance.engine.cancellation import CancellationToken
from maintenance.engine.heartbeat import Heartbeat
from maintenance.models import JobRun
from maintenance.scheduling import schedules

pytestmark = pytest.mark.django_db

Status = JobRun.Status
JOB = "cleanup-push-tokens"
SLOT = datetime(2026, 6, 1, 2, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def shutdown(monkeypatch):
    token = CancellationToken()
    monkeypatch.setattr(tasks, "shutdown", token)
    return token


def run_at_slot(name=JOB):
    return tasks.run_scheduled(name, slot=SLOT.isoformat())


def test_a_job_runs_at_its_time(tokens):
    tokens(2)

    assert run_at_slot() == Status.SUCCEEDED

    run = JobRun.objects.get()
    assert (run.job, run.slot, run.trigger, run.status, run.items_done) == (JOB, SLOT, "schedule", "succeeded", 2)


def test_a_time_that_has_its_run_is_not_run_again(tokens):
    run_at_slot()
    tokens(2)

    assert run_at_slot() == Status.SUCCEEDED

    assert JobRun.objects.get().items_done == 0


def test_a_time_that_was_missed_is_not_run_later(tokens):
    JobRun.objects.create(job=JOB, trigger="schedule", slot=SLOT, status=Status.MISSED)

    assert run_at_slot() == Status.MISSED


def failed_run():
    run = JobRun.objects.get()
    assert (run.status, run.slot) == (Status.FAILED, SLOT)
    assert run.finished_at
    return run


def test_a_job_that_nobody_knows_fails_with_a_sentence():
    assert run_at_slot("nope") == Status.FAILED

    assert "There is no job 'nope'" in failed_run().message


def test_a_job_that_cannot_be_imported_fails_with_a_sentence(monkeypatch):
    monkeypatch.setitem(registry._broken, JOB, "ImportError")

    assert run_at_slot() == Status.FAILED

    assert "cannot be loaded (ImportError)" in failed_run().message


def test_unsound_settings_fail_with_a_sentence(settings):
    settings.PUSH_TOKEN_RETENTION_DAYS = 0

    assert run_at_slot() == Status.FAILED

    assert "PUSH_TOKEN_RETENTION_DAYS" in failed_run().message


@pytest.mark.parametrize("error", [OperationalError("ann@example.org"), KeyError("ann@example.org")])
def test_an_error_before_the_run_begins_fails_with_a_sentence(error, monkeypatch, caplog):
    def refuse(*_args):
        raise error

    monkeypatch.setattr("maintenance.engine.lease.claim", refuse)

    assert run_at_slot() == Status.FAILED

    assert type(error).__name__ in failed_run().message
    assert "ann@example.org" not in failed_run().message


def test_a_database_that_refuses_everything_is_told_in_the_log(monkeypatch, caplog):
    def refuse(*_args):
        raise OperationalError

    monkeypatch.setattr("maintenance.engine.runner.run_for_queue", refuse)

    assert run_at_slot() == "failed"

    assert f"The queue could not run {JOB}" in caplog.text


def test_a_time_out_of_the_queue_does_not_get_out(items, scratch_job):
    def take_too_long(_batch):
        raise TimeoutException

    items(1)
    scratch_job(take_too_long)

    assert run_at_slot("scratch") == "failed"

    assert "TimeoutException" in failed_run().message


def test_a_task_that_comes_up_during_shutdown_starts_nothing(tokens, shutdown):
    tokens(1)
    shutdown.request()

    assert run_at_slot() == Status.INTERRUPTED

    run = JobRun.objects.get()
    assert (run.status, run.slot, run.items_done, run.started_at) == (Status.INTERRUPTED, SLOT, 0, None)


def test_a_run_that_is_cancelled_keeps_no_other_from_running(tokens, shutdown, monkeypatch):
    """The heartbeat of a cancelled run requests its stop, in a process that goes on."""
    tokens(1)

    class CancelledAtOnce(Heartbeat):
        def __enter__(self):
            self._stop.request()
            return super().__enter__()

    with monkeypatch.context() as patched:
        patched.setattr("maintenance.engine.runner.Heartbeat", CancelledAtOnce)
        assert run_at_slot() == Status.INTERRUPTED

    assert tasks.run_scheduled(JOB) == Status.SUCCEEDED
    assert not shutdown.is_requested


def test_a_run_that_waits_no_more_is_not_run():
    assert tasks.run_queued(0) == "gone"


def test_a_task_of_ours_leaves_the_queue_before_it_starts():
    ours, theirs = async_task(schedules.FUNCTION, JOB), async_task("builtins.len", "x")
    tasks_by_id = {task.task_id(): task for task in OrmQ.objects.all()}

    for task_id, func in ((ours, tasks.run_scheduled), (theirs, len)):
        task = tasks_by_id[task_id]
        pre_execute.send(sender="django_q", func=func, task=task.task | {"ack_id": task.pk})

    assert [task.task_id() for task in OrmQ.objects.all()] == [theirs]
    assert not tasks.idle.is_set()
    tasks.run_scheduled(JOB)
    assert tasks.idle.is_set()


def test_a_task_that_cannot_be_taken_off_the_queue_does_not_start(monkeypatch, caplog):
    def refuse(*_args):
        raise OperationalError

    monkeypatch.setattr("django_q.brokers.orm.ORM.acknowledge", refuse)

    with pytest.raises(SystemExit):
        tasks.acknowledge_first(None, tasks.run_scheduled, {"ack_id": 1})

    tasks.idle.set()
    assert "the database raised" in caplog.text


@pytest.mark.parametrize("reason", ["the parent is gone", "it was told to stop alone"])
def test_a_process_ends_when_nobody_would_end_it(reason, monkeypatch, shutdown):
    ended = []
    monkeypatch.setattr(tasks.os, "_exit", ended.append)
    monkeypatch.setattr(tasks, "PARENT_POLL", 0.01)
    parent = os.getppid() + 1 if reason == "the parent is gone" else os.getppid()
    thread = threading.Thread(target=tasks.exit_after_parent, args=(parent, 0.05))
    tasks.idle.clear()
    thread.start()
    if parent == os.getppid():
        assert not ended
        shutdown.request()

    thread.join(10)

    tasks.idle.set()
    assert ended == [1]
    assert shutdown.is_requested


def test_the_module_imports_no_job():
    code = "import sys, django; django.setup(); import maintenance.tasks; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert "maintenance.tasks" in modules
    assert not [name for name in modules if ".jobs." in name]

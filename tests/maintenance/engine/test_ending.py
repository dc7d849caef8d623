"""The ending of a run: its state and its sentence."""

import pytest
from django.db import OperationalError
from django.db.models.functions import Now
from django.utils import timezone

from maintenance.api import Outcome, Preview, RowStage, delete_rows
from maintenance.core.database import backend_pid
from maintenance.core.errors import NotReady
from maintenance.core.states import Status
from maintenance.engine import ending, lease
from maintenance.engine.cancellation import CancellationToken
from maintenance.engine.runner import run_now
from maintenance.engine.volume_guard import VolumeGuardStopped
from maintenance.models import JobRun
from maintenance.scheduling import controls
from tests.engine_app.models import Item

pytestmark = pytest.mark.django_db


def test_a_cancel_request_takes_effect_at_the_next_batch(scratch_job, items, batches_of):
    items(6)
    batches_of(2)

    def progress(done, _due):
        if done == 2:
            JobRun.objects.update(cancel_requested_at=timezone.now())

    scratch_job()
    result = run_now("scratch", progress=progress)

    assert result.status == Status.CANCELLED
    assert Item.objects.count() == 4
    assert result.details["backlog"] == 4


def test_a_pause_interrupts_what_runs_and_lets_nothing_start(scratch_job, items, batches_of):
    items(6)
    batches_of(2)
    scratch_job()

    result = run_now("scratch", progress=lambda done, _due: controls.pause(reason="upgrade") if done == 2 else None)
    assert result.status == Status.INTERRUPTED
    assert Item.objects.count() == 4

    assert run_now("scratch").status == Status.SKIPPED
    assert run_now("scratch", dry_run=True).status == Status.SKIPPED
    assert Item.objects.count() == 4

    controls.resume()
    assert run_now("scratch").success
    assert not Item.objects.exists()


def test_a_stop_request_interrupts_between_batches(scratch_job, items, batches_of):
    items(6)
    batches_of(2)
    scratch_job()
    stop = CancellationToken()

    result = run_now("scratch", stop=stop, progress=lambda done, _due: stop.request() if done == 4 else None)

    assert result.status == Status.INTERRUPTED
    assert result.details["counts"] == {"deleted": 4}
    assert Item.objects.count() == 2


def test_the_time_budget_leaves_the_rest_for_the_next_run(scratch_job, items, batches_of, settings):
    items(6)
    batches_of(2)
    job = scratch_job()
    settings.MAINTENANCE_TIME_BUDGET = 1e-9

    result = run_now("scratch")

    assert (result.status, result.success) == (Status.OUT_OF_TIME, False)
    assert job.batches == []
    assert result.details["backlog"] == 6
    assert result.message == "Deleted no items. Out of time: 6 remaining."


def test_a_run_with_failures_that_is_out_of_time_is_partial(scratch_job, items, batches_of, clock):
    items(6)
    batches_of(2)

    def process(batch):
        clock.now += 10_000
        return Outcome(failed=dict.fromkeys(batch.values_list("pk", flat=True), "locked"))

    scratch_job(process)

    result = run_now("scratch")

    assert result.status == Status.PARTIAL
    assert result.message == "2 items could not be deleted. Out of time: 4 remaining."
    assert result.details["backlog"] == 4


def test_the_run_after_one_that_was_out_of_time_does_the_rest(scratch_job, items, batches_of, clock):
    items(3)
    batches_of(2)

    def process(batch):
        clock.now += 10_000
        return Outcome(deleted=delete_rows(batch))

    scratch_job(process)

    assert (run_now("scratch").status, Item.objects.count()) == (Status.OUT_OF_TIME, 1)
    assert (run_now("scratch").status, Item.objects.count()) == (Status.SUCCEEDED, 0)


def test_a_dry_run_that_is_out_of_time_says_so_and_leaves_nothing(scratch_job, items, settings):
    items(3)
    settings.MAINTENANCE_TIME_BUDGET = 1e-9
    job = scratch_job(lambda batch: Outcome(deleted=len(batch)))
    job.stages = lambda now: [RowStage(job.due(now), job.process, lambda batch: Preview(unchanged=len(batch)))]

    result = run_now("scratch", dry_run=True)

    assert (result.status, result.success) == (Status.OUT_OF_TIME, False)
    assert "Out of time: not everything was examined." in result.message
    assert "backlog" not in result.details


# What an exception makes of a run.


@pytest.fixture
def run():
    run = JobRun.objects.create(job="scratch", trigger="command", status=Status.RUNNING)
    lease.record_heartbeat(run, started_at=Now())
    run.backend_pid = backend_pid()
    return run


def ended_by(error, run, *, is_requested=False):
    token = CancellationToken()
    if is_requested:
        token.request()
    return ending.of_exception(error, run, None, token)


def test_an_error_of_ours_is_the_message(run, scratch_job):
    ended = ended_by(NotReady("The clocks differ: correct them."), run)

    assert (ended.status, ended.message, ended.error) == (Status.FAILED, "The clocks differ: correct them.", None)


def test_the_volume_guard_leaves_the_number_that_was_due(run, scratch_job):
    ended = ended_by(VolumeGuardStopped(scratch_job(), 51, "and that is much"), run)

    assert ended.details == {"brake": 51}


def test_an_unexpected_error_is_recorded_without_its_text(run, caplog):
    ended = ended_by(ValueError("it quotes ann@example.org"), run)

    assert (ended.status, ended.reraise) == (Status.FAILED, None)
    assert ended.message == "An unexpected error ended the run: ValueError."
    assert ended.error["error"] == "builtins.ValueError"
    assert [record.getMessage() for record in caplog.records] == ["The run failed."]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(1)])
def test_what_ends_the_process_is_raised_once_more(run, error):
    ended = ended_by(error, run)

    assert (ended.status, ended.reraise) == (Status.FAILED, error)


def test_a_database_error_after_a_stop_request_is_the_stop(run):
    assert ended_by(OperationalError(), run).status == Status.FAILED
    assert ended_by(OperationalError(), run, is_requested=True).status == Status.INTERRUPTED


def test_a_closed_fence_tells_what_closed_it(run):
    closed = lease.FenceClosed()
    assert ended_by(closed, run).message == "The connection to the database was lost."
    assert ended_by(closed, run, is_requested=True).message == "Interrupted."

    controls.pause(reason="upgrade")
    ended = ended_by(closed, run, is_requested=True)
    assert (ended.status, ended.details) == (Status.INTERRUPTED, {"paused": True})

    JobRun.objects.update(cancel_requested_at=timezone.now())
    assert ended_by(closed, run).status == Status.CANCELLED

    JobRun.objects.update(heartbeat_at=Now() - 2 * lease.lease_time())
    ended = ended_by(closed, run)
    assert ended.status == Status.CRASHED
    assert "for longer than its lease (60 s)" in ended.message

"""Runs that people ask for: they only wait, and the queue runs them."""

import pytest
from django.db import IntegrityError, connection
from django_q.models import OrmQ

from maintenance import tasks
from maintenance.core.errors import UnknownJob
from maintenance.models import JobRun
from maintenance.scheduling.run_requests import TRIES, request_cancel, request_run

pytestmark = pytest.mark.django_db
Status = JobRun.Status


@pytest.fixture(autouse=True)
def _job(scratch_job):
    scratch_job()


@pytest.fixture
def operator(staff_user):
    return staff_user


def test_a_request_waits_in_the_queue_and_runs_nothing(items, operator):
    items(2)

    run, is_new = request_run("scratch", by=operator)

    assert is_new
    assert (run.status, run.trigger, run.requested_by, run.started_at) == (Status.QUEUED, "admin", operator, None)
    task = OrmQ.objects.get().task
    assert (task["id"], task["func"], task["args"]) == (run.task_id, "maintenance.tasks.run_queued", (run.pk,))
    assert operator.email not in OrmQ.objects.get().payload

    assert tasks.run_queued(run.pk) == Status.SUCCEEDED
    run.refresh_from_db()
    assert (run.status, run.items_done, run.requested_by) == (Status.SUCCEEDED, 2, operator)
    assert tasks.run_queued(run.pk) == "gone"


def test_a_second_request_returns_the_one_that_waits(operator):
    first, _ = request_run("scratch", by=operator)

    second, is_new = request_run("scratch", by=operator)

    assert (second, is_new) == (first, False)
    assert OrmQ.objects.count() == 1
    dry, is_new = request_run("scratch", by=operator, dry_run=True)
    assert is_new
    assert dry != first


class BeginsMeanwhile:
    """Lets a run wait while another is asked for, and no more when somebody looks for it, so many times."""

    def __init__(self, run, times):
        self.run, self.times, self.refusals, self.is_looked_for = JobRun.objects.filter(pk=run.pk), times, 0, False

    def __call__(self, execute, sql, params, many, context):
        if sql.startswith("INSERT INTO") and "jobrun" in sql and self.refusals < self.times:
            self.run.update(status=Status.QUEUED)
        if sql.startswith("SELECT") and self.is_looked_for:
            self.is_looked_for = False
            self.run.update(status=Status.RUNNING)
        try:
            return execute(sql, params, many, context)
        except IntegrityError:
            self.refusals += 1
            self.is_looked_for = True
            raise


@pytest.mark.parametrize("times", [1, TRIES - 1])
def test_a_run_that_begins_at_that_moment_makes_room_for_the_next(operator, times):
    first, _ = request_run("scratch", by=operator)

    with connection.execute_wrapper(meanwhile := BeginsMeanwhile(first, times)):
        second, is_new = request_run("scratch", by=operator)

    assert meanwhile.refusals == times
    assert (second.status, is_new, second != first) == (Status.QUEUED, True, True)
    assert OrmQ.objects.count() == 2


def test_repeated_refusals_end_in_an_error(operator):
    first, _ = request_run("scratch", by=operator)

    with connection.execute_wrapper(meanwhile := BeginsMeanwhile(first, TRIES)), pytest.raises(IntegrityError):
        request_run("scratch", by=operator)

    assert meanwhile.refusals == TRIES
    assert JobRun.objects.get() == first


def test_a_request_can_confirm_the_number_of_the_volume_guard(items, operator, monkeypatch):
    monkeypatch.setattr("maintenance.engine.volume_guard.FLOOR", 1)
    tasks.run_queued(request_run("scratch", by=operator)[0].pk)
    items(3)

    assert tasks.run_queued(request_run("scratch", by=operator)[0].pk) == Status.FAILED
    assert tasks.run_queued(request_run("scratch", by=operator, confirm_count=3)[0].pk) == Status.SUCCEEDED


def test_an_unknown_job_cannot_be_requested(operator):
    with pytest.raises(UnknownJob):
        request_run("nope", by=operator)
    assert not OrmQ.objects.exists()


def test_a_run_that_waits_is_cancelled_at_once_and_never_begins(items, operator):
    items(1)
    run, _ = request_run("scratch", by=operator)

    assert request_cancel(run, by=operator)
    assert tasks.run_queued(run.pk) == "gone"

    run.refresh_from_db()
    assert (run.status, run.started_at, run.cancel_requested_by) == (Status.CANCELLED, None, operator)
    assert not request_cancel(run, by=operator)


@pytest.mark.parametrize(("is_dry", "expected"), [(False, [("scratch", Status.CANCELLED)]), (True, [])])
def test_a_run_that_is_cancelled_before_its_start_checks_in(
    operator, told_checkins, django_capture_on_commit_callbacks, is_dry, expected
):
    run, _ = request_run("scratch", by=operator, dry_run=is_dry)
    with django_capture_on_commit_callbacks(execute=True):
        assert request_cancel(run, by=operator)
    assert told_checkins == expected


def test_a_run_that_runs_is_asked_once(operator):
    run = JobRun.objects.create(job="scratch", trigger="schedule", status=Status.RUNNING)

    assert request_cancel(run, by=operator)
    assert not request_cancel(run, by=operator)

    run.refresh_from_db()
    assert (run.status, run.cancel_requested_by) == (Status.RUNNING, operator)

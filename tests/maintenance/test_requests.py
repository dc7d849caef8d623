"""Runs that people ask for: they only wait, and the queue runs them."""

import pytest
from django_q.models import OrmQ

from maintenance import tasks
from maintenance.errors import UnknownJob
from maintenance.models import JobRun
from maintenance.requests import request_cancel, request_run
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
Status = JobRun.Status


@pytest.fixture
def operator():
    return UserFactory(is_staff=True)


def test_a_request_waits_in_the_queue_and_runs_nothing(tokens, operator):
    tokens(2)

    run, is_new = request_run("cleanup-push-tokens", by=operator)

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
    first, _ = request_run("cleanup-push-tokens", by=operator)

    second, is_new = request_run("cleanup-push-tokens", by=operator)

    assert (second, is_new) == (first, False)
    assert OrmQ.objects.count() == 1
    dry, is_new = request_run("cleanup-push-tokens", by=operator, dry_run=True)
    assert is_new
    assert dry != first


def test_the_brake_can_be_released_by_a_request(tokens, operator, monkeypatch):
    monkeypatch.setattr("maintenance.brake.FLOOR", 1)
    tasks.run_queued(request_run("cleanup-push-tokens", by=operator)[0].pk)
    tokens(3)

    assert tasks.run_queued(request_run("cleanup-push-tokens", by=operator)[0].pk) == Status.FAILED
    assert tasks.run_queued(request_run("cleanup-push-tokens", by=operator, confirm_count=3)[0].pk) == Status.SUCCEEDED


def test_an_unknown_job_cannot_be_requested(operator):
    with pytest.raises(UnknownJob):
        request_run("nope", by=operator)
    assert not OrmQ.objects.exists()


def test_a_run_that_waits_is_cancelled_at_once_and_never_begins(tokens, operator):
    tokens(1)
    run, _ = request_run("cleanup-push-tokens", by=operator)

    assert request_cancel(run, by=operator)
    assert tasks.run_queued(run.pk) == "gone"

    run.refresh_from_db()
    assert (run.status, run.started_at, run.cancel_requested_by) == (Status.CANCELLED, None, operator)
    assert not request_cancel(run, by=operator)


def test_a_run_that_runs_is_asked_once(operator):
    run = JobRun.objects.create(job="cleanup-push-tokens", trigger="schedule", status=Status.RUNNING)

    assert request_cancel(run, by=operator)
    assert not request_cancel(run, by=operator)

    run.refresh_from_db()
    assert (run.status, run.cancel_requested_by) == (Status.RUNNING, operator)

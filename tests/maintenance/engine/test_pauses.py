"""Which pauses hold back which jobs: what starts, what stops, and until when."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from maintenance.core.clock import database_now
from maintenance.engine import pauses
from maintenance.engine.cancellation import CancellationToken
from maintenance.engine.runner import run_for_queue, run_now
from maintenance.models import JobRun, Pause
from maintenance.scheduling import controls

pytestmark = pytest.mark.django_db

JOB, OTHER = "cleanup-push-tokens", "cleanup-invitations"
Status, Trigger = JobRun.Status, JobRun.Trigger
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(("job", "held"), [("", [JOB, OTHER]), (JOB, [JOB]), (OTHER, [OTHER])])
def test_a_pause_holds_back_its_job_or_all(job, held):
    controls.pause(job)

    assert [name for name in (JOB, OTHER) if pauses.of_job(name).exists()] == held
    assert [name for name in (JOB, OTHER) if run_now(name).status == Status.SKIPPED] == held


def test_a_pause_holds_back_until_its_end_without_anybody_doing_anything():
    Pause.objects.create(job=JOB, until=Now() + HOUR)
    assert run_now(JOB).status == Status.SKIPPED

    Pause.objects.update(until=Now() - timedelta(milliseconds=1))
    assert run_now(JOB).success
    assert Pause.objects.exists(), "its row is ended by the cluster"


def test_a_paused_job_stops_at_its_next_batch_and_others_go_on(tokens, batches_of):
    tokens(4)
    batches_of(2)

    result = run_now(JOB, progress=lambda done, _due: controls.pause(JOB if done else OTHER))

    assert (result.status, result.details["counts"]) == (Status.INTERRUPTED, {"deleted": 2})
    assert result.message.startswith("Stopped because the job is paused.")


def test_a_recovery_that_a_pause_refuses_waits_for_its_end():
    controls.pause(JOB)
    run = JobRun.objects.create(job=JOB, trigger=Trigger.RECOVERY, task_id="1", host="x", pid=1)

    run_for_queue(run, CancellationToken())

    run.refresh_from_db()
    assert (run.status, run.task_id, run.pid, run.heartbeat_at) == (Status.QUEUED, "", None, None)


def test_the_run_of_a_scheduled_time_ends_without_its_time():
    controls.pause(JOB)
    run = JobRun(job=JOB, trigger=Trigger.SCHEDULE, slot=timezone.now())

    run_for_queue(run, CancellationToken())

    run.refresh_from_db()
    assert (run.status, run.slot) == (Status.SKIPPED, None)


def test_a_sentence_has_no_reason():
    pause = controls.pause(JOB, reason="Ann asked for it", until=timezone.now() + HOUR)

    assert pauses.sentence(pause).startswith(f"{JOB} is paused since ")
    assert "Ann" not in pauses.sentence(pause)
    assert " until " in pauses.sentence(pause)


@pytest.mark.parametrize("length", [None, -HOUR, HOUR])
def test_python_and_the_database_agree_on_which_pauses_are_active(length):
    now = database_now()
    pause = Pause.objects.create(job=JOB, paused_at=now - 2 * HOUR, until=None if length is None else now + length)

    assert pauses.is_active(pause, now) == pauses.active().filter(pk=pause.pk).exists() == (length != -HOUR)


def test_a_pause_is_over_exactly_at_its_end():
    now = database_now()

    assert not pauses.is_active(Pause(job=JOB, until=now), now)

"""A pause with an end in a real cluster, which is down for a part of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from maintenance.models import JobRun, Pause
from maintenance.scheduling import schedules

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]

JOB, OTHER = "cleanup-push-tokens", "cleanup-invitations"
Status, Trigger = JobRun.Status, JobRun.Trigger


def test_a_pause_ends_by_itself_and_its_times_are_made_good_once(cluster, due, run, until):
    first = cluster()
    assert run("jobs", "pause", JOB, "--for", "20s", "--reason", "upgrade").status == 0
    pause = Pause.objects.get()
    at = due(JOB, OTHER, at=timezone.now() + timedelta(seconds=1))
    until(lambda: JobRun.objects.filter(job=OTHER, slot=at, status=Status.SUCCEEDED).exists())
    first.stop()
    assert not JobRun.objects.filter(job=JOB).exists()
    assert run("jobs", "run", JOB).status == 75 or timezone.now() >= pause.until

    second = cluster()
    until(lambda: JobRun.objects.filter(job=JOB, trigger=Trigger.RECOVERY, status=Status.SUCCEEDED).exists())

    [missed] = JobRun.objects.filter(job=JOB, status=Status.MISSED)
    assert (missed.details["missed"], missed.details["paused"], missed.slot) == (1, True, at)
    made_good = JobRun.objects.get(job=JOB, trigger=Trigger.RECOVERY)
    assert made_good.started_at >= pause.until
    assert not JobRun.objects.filter(job=JOB, trigger=Trigger.SCHEDULE, started_at__isnull=False).exists()
    assert not Pause.objects.exists()
    assert schedules.ours().get(name=JOB).repeats == schedules.FOR_EVER
    second.stop()

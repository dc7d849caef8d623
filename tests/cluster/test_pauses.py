"""Pauses with an end in a real cluster that is stopped and started within them."""

import pytest

from maintenance.core.clock import database_now
from maintenance.models import JobRun, Pause
from maintenance.scheduling import schedules

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]

DOWN, UP, OTHER = "cleanup-push-tokens", "delete-audit-logs", "cleanup-invitations"
"""Two jobs that are paused, until the cluster is down and until it is up again, and one that is not."""
Status, Trigger = JobRun.Status, JobRun.Trigger


def assert_made_good_once(job, slot, ended_at):
    [missed] = JobRun.objects.filter(job=job, status=Status.MISSED)
    assert (missed.details["missed"], missed.details["paused"], missed.slot) == (1, True, slot)
    made_good = JobRun.objects.get(job=job, trigger=Trigger.RECOVERY)
    assert made_good.started_at >= ended_at
    assert not JobRun.objects.filter(job=job, trigger=Trigger.SCHEDULE, started_at__isnull=False).exists()
    assert not Pause.objects.filter(job=job).exists()
    assert schedules.ours().get(name=job).repeats == schedules.FOR_EVER


def test_a_pause_ends_while_the_cluster_is_down_or_up_and_its_times_are_made_good_once(cluster, due, run, until):
    def end(job):
        ended_at = database_now()
        assert Pause.objects.filter(job=job).update(until=ended_at) == 1
        return ended_at

    def until_made_good(job):
        until(JobRun.objects.filter(job=job, trigger=Trigger.RECOVERY, status=Status.SUCCEEDED).exists)

    first = cluster()
    for job in (DOWN, UP):
        assert run("jobs", "pause", job, "--for", "2h", "--reason", "upgrade").status == 0
    at = due(DOWN, UP, OTHER)
    until(JobRun.objects.filter(job=OTHER, slot=at, status=Status.SUCCEEDED).exists)
    first.stop()
    assert not JobRun.objects.exclude(job=OTHER).exists()
    assert run("jobs", "run", DOWN).status == 75
    down_until = end(DOWN)

    second = cluster()
    until_made_good(DOWN)
    assert not JobRun.objects.filter(job=UP).exists()
    up_until = end(UP)
    until_made_good(UP)
    second.stop()

    assert_made_good_once(DOWN, at, down_until)
    assert_made_good_once(UP, at, up_until)

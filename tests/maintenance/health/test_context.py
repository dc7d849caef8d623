"""What health checks and pages share is read once, when it is first used."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from maintenance.core.states import Status, Trigger
from maintenance.engine import lease
from maintenance.health.context import HealthContext
from maintenance.models import Canary, ClusterHeartbeat, JobRun, Pause

pytestmark = pytest.mark.django_db


def make_run(status, *, silent_for=None, **fields):
    run = JobRun.objects.create(**{"job": "scratch", "trigger": Trigger.SCHEDULE, "status": status, **fields})
    if silent_for is not None:
        JobRun.objects.filter(pk=run.pk).update(heartbeat_at=Now() - silent_for)
    return run


def test_nothing_is_read_before_it_is_used(django_assert_num_queries):
    with django_assert_num_queries(0):
        HealthContext()


@pytest.mark.parametrize("name", ["now", "unfinished", "canary", "pauses"])
def test_each_value_is_read_once(name, django_assert_num_queries):
    context = HealthContext()
    with django_assert_num_queries(1):
        first = getattr(context, name)
    with django_assert_num_queries(0):
        assert getattr(context, name) is first


def test_unfinished_runs_are_lost_or_hold_a_worker_or_neither():
    alive, lost = timedelta(0), 2 * lease.lease_time()
    make_run(Status.SUCCEEDED, silent_for=lost)
    runs = {
        make_run(Status.QUEUED).pk: (False, False),
        make_run(Status.QUEUED, dry_run=True, silent_for=alive).pk: (False, True),
        make_run(Status.RUNNING, job="a", silent_for=alive).pk: (False, True),
        make_run(Status.RUNNING, job="b", silent_for=alive, trigger=Trigger.COMMAND).pk: (False, False),
        make_run(Status.RUNNING, job="c", silent_for=lost).pk: (True, False),
    }

    found = HealthContext().unfinished

    assert {each.run.pk: (each.is_lost, each.holds_a_worker) for each in found} == runs
    assert [each.run.pk for each in found] == sorted(runs, reverse=True)


def test_busy_workers_are_those_of_the_unfinished_runs(django_assert_num_queries):
    ClusterHeartbeat.objects.create(host="host", workers=1, seen_at=timezone.now())
    make_run(Status.RUNNING, silent_for=timedelta(0))
    context = HealthContext()

    assert context.queue.is_busy
    assert context.queue.busy_workers == 1


def test_without_a_canary_there_is_one_that_was_never_sent():
    assert HealthContext().canary.number == 0
    Canary.objects.create(number=7)
    assert HealthContext().canary.number == 7


def test_a_pause_is_seen():
    assert HealthContext().pause is None
    Pause.objects.create(reason="upgrade")
    assert HealthContext().pause.reason == "upgrade"

"""What the queue holds, and whether a worker is free."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ

from maintenance.core.states import Status, Trigger
from maintenance.engine import lease
from maintenance.models import ClusterHeartbeat, JobRun
from maintenance.reporting import queue_state
from maintenance.reporting.queue_state import QueueState

pytestmark = pytest.mark.django_db

OLDEST = datetime(2026, 6, 1, tzinfo=UTC)


def cluster(host, workers, ago=timedelta(0)):
    ClusterHeartbeat.objects.create(host=host, workers=workers, seen_at=timezone.now())
    ClusterHeartbeat.objects.filter(host=host).update(seen_at=Now() - ago)


def run_of(status, silent_for, trigger=Trigger.SCHEDULE):
    run = JobRun.objects.create(job=f"job-{JobRun.objects.count()}", trigger=trigger, status=status)
    JobRun.objects.filter(pk=run.pk).update(heartbeat_at=Now() - silent_for)


def test_an_empty_queue_without_a_cluster():
    assert queue_state.get() == QueueState(waiting=0, oldest=None, clusters=0, workers=0, busy_workers=0)


def test_tasks_wait_until_a_cluster_takes_them():
    for lock in (OLDEST, OLDEST + timedelta(hours=1), timezone.now() + timedelta(hours=1)):
        OrmQ.objects.create(key=Conf.CLUSTER_NAME, payload="x", lock=lock)
    OrmQ.objects.create(key="another queue", payload="x", lock=OLDEST - timedelta(days=1))

    state = queue_state.get()

    assert (state.waiting, state.oldest) == (2, OLDEST)


def test_workers_are_those_of_the_clusters_that_are_up():
    cluster("one", 2)
    cluster("two", 3, queue_state.HEARTBEAT_WITHIN - timedelta(seconds=5))
    cluster("gone", 4, queue_state.HEARTBEAT_WITHIN + timedelta(seconds=1))

    state = queue_state.get()

    assert (state.clusters, state.workers) == (2, 5)


def test_a_worker_is_held_by_a_run_that_holds_its_lease():
    alive, lost = timedelta(0), 2 * lease.lease_time()
    run_of(Status.RUNNING, alive)
    run_of(Status.QUEUED, alive)
    run_of(Status.RUNNING, lost)
    run_of(Status.QUEUED, lost)
    run_of(Status.RUNNING, alive, Trigger.COMMAND)
    run_of(Status.SUCCEEDED, alive)

    assert queue_state.get().busy_workers == 2


def test_a_number_that_is_known_is_not_counted(django_assert_num_queries):
    with django_assert_num_queries(2):
        assert queue_state.get(7).busy_workers == 7


@pytest.mark.parametrize(
    ("workers", "busy", "is_busy"), [(0, 0, False), (0, 1, False), (2, 1, False), (2, 2, True), (2, 3, True)]
)
def test_a_queue_is_busy_where_no_worker_is_free(workers, busy, is_busy):
    assert QueueState(0, None, 1, workers, busy).is_busy is is_busy

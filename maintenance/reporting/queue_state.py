"""The state of the queue: its queued tasks, and its busy workers. Nothing here writes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet, Sum
from django.db.models.functions import Now
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ

from maintenance.engine import lease
from maintenance.models import ClusterHeartbeat, JobRun

HEARTBEAT_WITHIN = timedelta(seconds=45)
"""A cluster without a heartbeat for longer is down."""


@dataclass(frozen=True)
class QueueState:
    """`waiting` counts the queued tasks; `oldest` is the time of the oldest; `clusters` and `workers` are those up."""

    waiting: int
    oldest: datetime | None
    clusters: int
    workers: int
    busy_workers: int

    @property
    def is_busy(self) -> bool:
        """Whether every worker has a run that holds its lease, so that queued tasks have to wait."""
        return 0 < self.workers <= self.busy_workers


def get(busy_workers: int | None = None) -> QueueState:
    """Return the state of the queue. Times are by the database's clock, those of tasks by the host's.

    `busy_workers` saves a query: the number of unfinished runs that hold a worker.
    """
    if busy_workers is None:
        busy_workers = JobRun.objects.filter(holds_a_worker()).count()
    up = ClusterHeartbeat.objects.filter(seen_at__gt=Now() - HEARTBEAT_WITHIN)
    return QueueState(
        **waiting().aggregate(waiting=Count("pk"), oldest=Min("lock")),
        **up.aggregate(clusters=Count("pk"), workers=Sum("workers", default=0)),
        busy_workers=busy_workers,
    )


def waiting() -> "QuerySet[OrmQ]":
    """Return the tasks that no cluster has taken yet; their `lock` is the time at which they were queued."""
    rows: QuerySet[OrmQ] = OrmQ.objects.filter(key=Conf.CLUSTER_NAME, lock__lte=timezone.now())
    return rows


def holds_a_worker() -> Q:
    """Condition on `JobRun`: a worker runs it, or waits with it until an excluded job ends."""
    is_claimed = Q(status=JobRun.Status.QUEUED, heartbeat_at__gt=Now() - lease.lease_time())
    return (lease.is_alive() | is_claimed) & ~Q(trigger=JobRun.Trigger.COMMAND)

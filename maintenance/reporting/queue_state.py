"""What can be seen of the queue from outside: what waits, and whether its workers are all at work. Only read."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet, Sum
from django.db.models.functions import Now
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ

from maintenance.engine import lease
from maintenance.models import ClusterSign, JobRun

SEEN_WITHIN = timedelta(seconds=45)
"""A cluster that gave no sign of life for longer is down."""


@dataclass(frozen=True)
class QueueState:
    """How many tasks wait, since when the oldest does, how many clusters and workers are up, how many at work."""

    waiting: int
    oldest: datetime | None
    clusters: int
    workers: int
    at_work: int

    @property
    def is_busy(self) -> bool:
        """Whether every worker has a run with a live lease, so that whatever waits waits for good reason."""
        return 0 < self.workers <= self.at_work


def get(at_work: int | None = None) -> QueueState:
    """Return the state of the queue, by the database's clock except for the tasks, which tell the host's.

    Whoever knows already how many unfinished runs hold a worker says so.
    """
    if at_work is None:
        at_work = JobRun.objects.filter(holds_a_worker()).count()
    up = ClusterSign.objects.filter(seen_at__gt=Now() - SEEN_WITHIN)
    return QueueState(
        **waiting().aggregate(waiting=Count("pk"), oldest=Min("lock")),
        **up.aggregate(clusters=Count("pk"), workers=Sum("workers", default=0)),
        at_work=at_work,
    )


def waiting() -> "QuerySet[OrmQ]":
    """Return the tasks that no cluster has taken yet; `lock` is then when they were handed over."""
    rows: QuerySet[OrmQ] = OrmQ.objects.filter(key=Conf.CLUSTER_NAME, lock__lte=timezone.now())
    return rows


def holds_a_worker() -> Q:
    """Condition on `JobRun`: a worker runs it, or waits with it for a job that must not overlap."""
    waits = Q(status=JobRun.Status.QUEUED, heartbeat_at__gt=Now() - lease.lease_time())
    return (lease.is_alive() | waits) & ~Q(trigger=JobRun.Trigger.COMMAND)

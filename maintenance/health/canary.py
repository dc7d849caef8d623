"""The canary: a task that goes through broker and worker every minute, and records its return.

A queue that looks healthy may run nothing (see `maintenance.cluster.supervisor`). A task that returns proves that the
queue works. The cluster calls `keep`, a worker calls `come_back`, and the health checks read the row.
"""

import logging
import socket
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.tasks import async_task

from maintenance.core import process_identity
from maintenance.core.clock import database_now
from maintenance.core.database import advisory_lock, commit_asynchronously
from maintenance.core.errors import summary_of
from maintenance.core.queue_functions import known_formerly_as, queue_function
from maintenance.models import Canary, ClusterHeartbeat
from maintenance.reporting import queue_state

logger = logging.getLogger(__name__)

SEND_EVERY = timedelta(seconds=60)
LOST_AFTER = timedelta(seconds=90)
"""A canary that left the queue and has not returned for so long was lost with its cluster. Another one is sent."""
HEARTBEAT_EVERY = timedelta(seconds=9)
FORGET_CLUSTER_AFTER = timedelta(days=1)
LOCK = "maintenance.health.canary"
COME_BACK = "maintenance.health.canary.come_back"
LATEST = 50
"""The new task is searched among this number of the latest tasks."""


def keep() -> None:
    """Write the heartbeat of this machine's cluster, and send a canary when one is due and none is queued."""
    with transaction.atomic():
        advisory_lock(LOCK)
        commit_asynchronously()  # a later heartbeat replaces one that a crash of the server loses
        now = database_now()
        _beat(now)
        canary, _ = Canary.objects.get_or_create(pk=1)
        if _is_due(canary, now):
            _send(canary.number + 1)


def _beat(now: datetime) -> None:
    identity: dict[str, Any] = {"host": socket.gethostname(), "machine": process_identity.machine()}
    recent = ClusterHeartbeat.objects.filter(seen_at__gt=now - HEARTBEAT_EVERY)
    if recent.filter(workers=Conf.WORKERS, **identity).exists():
        return
    ClusterHeartbeat.objects.update_or_create(**identity, defaults={"workers": Conf.WORKERS, "seen_at": now})
    ClusterHeartbeat.objects.filter(seen_at__lt=now - FORGET_CLUSTER_AFTER).delete()


def _is_due(canary: Canary, now: datetime) -> bool:
    if canary.sent_at is None or canary.sent_at > now:
        return True
    age = now - canary.sent_at
    if canary.echo >= canary.number:
        return age >= SEND_EVERY
    is_lost = age >= LOST_AFTER and not queue_state.waiting().filter(pk=canary.queue_row).exists()
    return is_lost and not queue_state.get().is_busy


def _send(number: int) -> None:
    task_id = async_task(COME_BACK, number, save=False)
    latest = OrmQ.objects.filter(key=Conf.CLUSTER_NAME).order_by("-pk")[:LATEST]
    row = next((row.pk for row in latest if row.task_id() == task_id), None)
    Canary.objects.filter(pk=1).update(number=number, sent_at=Now(), queue_row=row)


@known_formerly_as("maintenance.canary.come_back")
@queue_function
def come_back(number: int) -> None:
    """Record the return of a canary; a worker calls it. It lets no exception out, because their texts quote data."""
    try:
        with transaction.atomic():
            commit_asynchronously()
            expected = Canary.objects.filter(pk=1, echo__lt=number)
            if not expected.filter(number=number).update(echo=number, echoed_at=Now(), round_trip=Now() - F("sent_at")):
                expected.update(echo=number, echoed_at=Now())
    except Exception as error:
        logger.error("The return of the canary could not be recorded: %s.", summary_of(error))  # noqa: TRY400

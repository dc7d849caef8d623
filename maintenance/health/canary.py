"""The canary: a task that goes through broker and worker every minute, and writes down that it came back.

A queue that reports that it works may run nothing (see `maintenance.cluster.supervisor`); a task that went in and came
out proves that it works. The cluster calls `keep`, a worker calls `come_back`, and the doctor reads the row.
"""

import logging
import socket
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.tasks import async_task

from maintenance.core.clock import database_now
from maintenance.core.database import advisory_lock
from maintenance.core.errors import summary_of
from maintenance.models import Canary, ClusterSign
from maintenance.reporting import queue_state

logger = logging.getLogger(__name__)

SEND_EVERY = timedelta(seconds=60)
LOST_AFTER = timedelta(seconds=90)
"""One that has left the queue and not come back for so long went down with a cluster: another one is sent."""
SIGN_EVERY = timedelta(seconds=10)
FORGET_CLUSTER_AFTER = timedelta(days=1)
LOCK = "maintenance.health.canary"
COME_BACK = "maintenance.health.canary.come_back"
LATEST = 50
"""Among so many of the latest tasks is the one just handed over."""


def keep() -> None:
    """Sign that this machine's cluster is up, and send a canary when it is time and none is waiting."""
    with transaction.atomic():
        advisory_lock(LOCK)
        now = database_now()
        _sign(now)
        canary, _ = Canary.objects.get_or_create(pk=1)
        if _is_time(canary, now):
            _send(canary.number + 1)


def _sign(now: datetime) -> None:
    host = socket.gethostname()
    if ClusterSign.objects.filter(host=host, workers=Conf.WORKERS, seen_at__gt=now - SIGN_EVERY).exists():
        return
    ClusterSign.objects.update_or_create(host=host, defaults={"workers": Conf.WORKERS, "seen_at": now})
    ClusterSign.objects.filter(seen_at__lt=now - FORGET_CLUSTER_AFTER).delete()


def _is_time(canary: Canary, now: datetime) -> bool:
    if canary.sent_at is None or canary.sent_at > now:
        return True
    silence = now - canary.sent_at
    if canary.echo >= canary.number:
        return silence >= SEND_EVERY
    is_lost = silence >= LOST_AFTER and not queue_state.waiting().filter(pk=canary.queue_row).exists()
    return is_lost and not queue_state.get().is_busy


def _send(number: int) -> None:
    task_id = async_task(COME_BACK, number, save=False)
    latest = OrmQ.objects.filter(key=Conf.CLUSTER_NAME).order_by("-pk")[:LATEST]
    row = next((row.pk for row in latest if row.task_id() == task_id), None)
    Canary.objects.filter(pk=1).update(number=number, sent_at=Now(), queue_row=row)


def come_back(number: int) -> None:
    """Write down that a canary came back; called by a worker. Nothing gets out: texts of errors quote data."""
    try:
        waited_for = Canary.objects.filter(pk=1, echo__lt=number)
        if not waited_for.filter(number=number).update(echo=number, echoed_at=Now(), round_trip=Now() - F("sent_at")):
            waited_for.update(echo=number, echoed_at=Now())
    except Exception as error:
        logger.error("The canary could not write down that it came back: %s.", summary_of(error))  # noqa: TRY400

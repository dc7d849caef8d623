"""Pauses of one job or of all: their start and their end.

While the row of a pause exists, the queue's scheduler does not fire the rows of its jobs, which keep their next times.
Its end finds those that have passed. So it does not matter whether a cluster was up, at any time in the pause.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models.functions import Now

from maintenance.core import pause_ends, registry
from maintenance.core.clock import database_now
from maintenance.core.database import advisory_lock
from maintenance.engine.pauses import ALL_JOBS
from maintenance.models import Pause
from maintenance.scheduling import missed_runs, schedules

logger = logging.getLogger(__name__)


def pause(
    name: str = ALL_JOBS, *, reason: str = "", by: AbstractBaseUser | None = None, until: datetime | None = None
) -> Pause:
    """Stop active runs of a job, or of all, at their next batch, and let none start, `until` a time or without an end.

    Pausing again changes the end, and the reason where one is given. Raises `UnknownJob` and `InvalidPause`.
    """
    if name != ALL_JOBS:
        registry.get(name)
    with transaction.atomic():
        advisory_lock(schedules.LOCK)
        now = database_now()
        if until:
            pause_ends.verified(until, now)
        _end(list(Pause.objects.filter(job=name, until__lte=now)), now)
        values = {"until": until, "paused_by_id": by.pk if by else None} | ({"reason": reason} if reason else {})
        pause, _ = Pause.objects.update_or_create(
            job=name, defaults=values, create_defaults={**values, "paused_at": now}
        )
        schedules.synchronise()
    return pause


def resume(name: str = ALL_JOBS) -> Pause | None:
    """End the pause of a job, or that of all jobs; return it, or `None` where there was none. Raises `UnknownJob`."""
    if name != ALL_JOBS:
        registry.get(name)
    with transaction.atomic():
        advisory_lock(schedules.LOCK)
        ended = list(Pause.objects.filter(job=name))
        _end(ended, database_now())
    return ended[0] if ended else None


def end_expired() -> list[Pause]:
    """End the pauses whose time has passed, and return them: a part of the cluster's work."""
    if not Pause.objects.filter(until__lte=Now()).exists():
        return []
    with transaction.atomic():
        advisory_lock(schedules.LOCK)
        now = database_now()
        ended = list(Pause.objects.filter(until__lte=now))
        _end(ended, now)
    for pause in ended:
        logger.info("The %s is over.", pause)
    return ended


def _end(ended: Sequence[Pause], now: datetime) -> None:
    """Delete pauses, let the rows of their jobs fire again, and make up for the times that have passed."""
    if not ended:
        return
    before = {job.name: decision.pause for job, decision in schedules.decisions()}
    Pause.objects.filter(pk__in=[pause.pk for pause in ended]).delete()
    after = [job.name for job, decision in schedules.decisions() if decision.repeats == schedules.FOR_EVER]
    resumed = {name: pause for name in after if (pause := before.get(name))}
    schedules.ours().filter(name__in=resumed, next_run__isnull=False).update(repeats=schedules.FOR_EVER)
    missed_runs.record_paused(resumed, now)

"""Schedule rows that would fire later than their expression says, as after a clock was wrong when they last fired."""

import logging
from datetime import datetime

from django.utils import timezone
from django_q.models import Schedule

from maintenance.core import cron
from maintenance.core.clock import TOLERANCE
from maintenance.core.errors import InvalidCron

logger = logging.getLogger(__name__)


def next_if_late(row: Schedule, now: datetime) -> datetime | None:
    """Return the next time of a row that would fire later than that; `None` where it is on time or cannot be read."""
    if row.next_run is None or row.repeats == 0 or row.schedule_type != Schedule.CRON:
        return None
    try:
        # A host may fire a row a little before its time by the database's clock.
        is_late = row.next_run > next(cron.times(row.cron or "", now + TOLERANCE), row.next_run)
        return next(cron.times(row.cron or "", now), None) if is_late else None
    except InvalidCron:
        return None


def tell_late(row: Schedule, now: datetime) -> datetime | None:
    """Return what `next_if_late` does, and log what becomes of the row."""
    following = next_if_late(row, now)
    if following:
        logger.warning(
            "The next run of %s was on %s UTC, later than its schedule says; it is on %s UTC now.",
            row.name,
            f"{row.next_run:%Y-%m-%d %H:%M}",
            f"{following:%Y-%m-%d %H:%M}",
        )
    return following


def is_clock_wrong(now: datetime) -> bool:
    """Whether this host's clock differs from the database's by so much that rows would fire at wrong times again."""
    return abs(timezone.now() - now) > TOLERANCE

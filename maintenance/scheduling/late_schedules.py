"""Schedule rows that would fire later than their expression says, as after a clock was wrong when they last fired."""

import logging
from datetime import datetime

from django.utils import timezone
from django_q.models import Schedule

from maintenance.core import cron, time_text
from maintenance.core.clock import TOLERANCE
from maintenance.core.errors import InvalidCron

logger = logging.getLogger(__name__)


def next_if_late(row: Schedule, now: datetime) -> datetime | None:
    """Return the right next time of a row that would fire too late; `None` where it is on time or invalid."""
    if row.next_run is None or row.repeats == 0 or row.schedule_type != Schedule.CRON:
        return None
    try:
        # By the database's clock, a host may fire a row a little early.
        is_late = row.next_run > next(cron.times(row.cron or "", now + TOLERANCE), row.next_run)
        return next(cron.times(row.cron or "", now), None) if is_late else None
    except InvalidCron:
        return None


def report_if_late(row: Schedule, now: datetime) -> datetime | None:
    """Return the result of `next_if_late`, and log the correction."""
    following = next_if_late(row, now)
    if following:
        logger.warning(
            "The next run of %s was %s, later than its schedule; it is %s now.",
            row.name,
            time_text.minute(row.next_run),
            time_text.minute(following),
        )
    return following


def is_clock_wrong(now: datetime) -> bool:
    """Return whether this host's clock differs so much from the database's that rows would fire at wrong times."""
    return abs(timezone.now() - now) > TOLERANCE

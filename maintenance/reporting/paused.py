"""Pauses, as the status of the jobs tells them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django_q.models import Schedule

from maintenance.core import cron
from maintenance.models import Pause

MOMENT = timedelta(seconds=1)
"""Less than the distance of two times of a schedule."""


@dataclass(frozen=True)
class PauseStatus:
    """An active pause: of one job, or of all where `job` is `None`. Without an end, `until` is `None`."""

    job: str | None
    paused_at: datetime
    until: datetime | None
    reason: str
    paused_by: Any
    """The id of the user; `None` where the command line did not name one."""

    @classmethod
    def of(cls, pause: Pause | None, now: datetime) -> "PauseStatus | None":
        """Return the status of a pause; `None` where there is none, or its end has come."""
        if pause is None or (pause.until and pause.until <= now):
            return None
        return cls(pause.job or None, pause.paused_at, pause.until, pause.reason, pause.paused_by_id)


def next_run_of(row: Schedule, pause: Pause | None) -> datetime | None:
    """Return the next time of a row, and of a paused one the first time from the end of its pause on.

    Where the end has come and no cluster has ended the pause yet, that is the end: the job is due since then.
    """
    time: datetime | None = row.next_run
    if pause is None or time is None or (pause.until and time >= pause.until):
        return time
    if pause.until and pause.until <= row.read_at:
        return pause.until
    after = pause.until - MOMENT if pause.until else row.read_at
    return time if time > after else next(cron.times(row.cron or "", after), None)

"""When the leader of a cluster does which part of its work."""

import time
from collections.abc import Callable, Sequence

from maintenance.alerts import senders
from maintenance.cluster.poll import Work
from maintenance.core import checkins
from maintenance.health import canary, snapshot
from maintenance.scheduling import missed_runs, pauses, recovery, validity

WORK_EVERY = 2.0
"""Seconds between two passes of all parts while there is work."""
SIGNS_EVERY = 10.0
"""Seconds between two passes of `SIGNS`, and for how long a change counts as work."""
IDLE_WORK_EVERY = 30.0
"""Seconds between two passes of all parts while there is no work: what only time changes is found by then."""
SIGNS = (canary.keep, snapshot.keep, senders.keep, checkins.beat)
"""What shows that the cluster is alive, how the jobs are, and tells it."""
PARTS = (
    recovery.correct_late_schedules,
    pauses.end_expired,
    missed_runs.record_missed,
    validity.fire_due,
    recovery.reap,
    recovery.resume,
    recovery.dispatch,
    *SIGNS,
)
"""All parts, in their order."""


class Passes:
    """Knows when the last passes were, and what had been found before them."""

    def __init__(self) -> None:
        self.start_over()

    def start_over(self) -> None:
        """Let all parts be due."""
        self._done: Work | None = None
        self._worked_at = self._kept_at = self._changed_at = 0.0

    def parts_due(self, work: Work) -> Sequence[Callable[[], object]]:
        """Return the parts that are due now, which the caller does: all of them at once where something has changed."""
        now = time.monotonic()
        has_changed = work != self._done
        if has_changed:
            self._changed_at = now
        is_idle = not work.is_any and now - self._changed_at > SIGNS_EVERY
        if has_changed or now - self._worked_at >= (IDLE_WORK_EVERY if is_idle else WORK_EVERY):
            self._done, self._worked_at, self._kept_at = work, now, now
            return PARTS
        if now - self._kept_at >= SIGNS_EVERY:
            self._kept_at = now
            return SIGNS
        return ()

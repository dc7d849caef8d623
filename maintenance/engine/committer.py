"""The commit of a batch: its rows and the run's counts change in one transaction, or neither does.

The fence is the last statement of that transaction. It rolls the batch back when the run has lost its lease or was
asked to stop.
"""

import time
from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from maintenance.core import registry
from maintenance.core.database import commit_asynchronously
from maintenance.core.job import Job
from maintenance.core.logs import RunLogger
from maintenance.core.stages import Outcome
from maintenance.engine import lease
from maintenance.engine.results import Tally
from maintenance.engine.run_log import Event
from maintenance.models import JobRun

FLUSH_SECONDS = 1.0
"""The longest time between two commits that wait for the disk, where batches are not durable: a crash loses no more."""


class Committer:
    """Commits the batches of one run. `tally` holds what is committed."""

    def __init__(self, job: Job, run: JobRun, now: datetime, tally: Tally) -> None:
        self.tally = tally
        self._job, self._run, self._now = job, run, now
        self._record_in_audit_trail = registry.audit_trail()
        self._log = RunLogger(__name__, job=job.name, run_id=run.pk)
        self._began = self._flushed_at = time.monotonic()
        self._possible: dict[int, Tally] = {}
        """Tallies that a crash of the server may leave, by number of batches: the durable one and all later ones."""

    def announce(self, due: int) -> None:
        """Save the number due, before the first batch."""
        self.note(Event.COUNTED)
        lease.fence(self._run, {"items_due": due, "details": self.tally.details()})
        self._mark_flushed()

    def commit(self, act: Callable[[], Outcome], limit: str = "") -> Outcome:
        """Run `act` and count its outcome in one transaction. Raises `FenceClosed`, or what `act` raises.

        `limit` is the setting of the age limit that the batch is about.
        """
        began = time.monotonic()
        flushes = self._job.durable_batches or began - self._flushed_at > FLUSH_SECONDS
        with transaction.atomic(durable=True):
            if not flushes:
                commit_asynchronously()
            outcome = act()
            tally = self.tally.including(outcome, limit)
            if outcome.has_changes:
                self._record_in_audit_trail(job=self._job.name, run_id=self._run.pk, now=self._now, counts=tally.counts)
            lease.fence(self._run, {"items_done": tally.done, "details": tally.details()})
            self._possible[tally.batches] = tally
        seconds, rows = time.monotonic() - began, outcome.accounted + outcome.side_changes
        self.tally = self._possible[tally.batches] = tally.with_duration(seconds, rows, began + seconds - self._began)
        if flushes:
            self._mark_flushed()
        fields = {"event": "batch", "batch": tally.batches, "rows": rows, "seconds": round(seconds, 4)}
        self._log.debug("Batch %d: %d rows in %.3f s.", tally.batches, rows, seconds, extra=fields)
        return outcome

    def note(self, event: Event) -> None:
        """Note an event in the log of the run, which is saved with the next batch."""
        self.tally = self._possible[self.tally.batches] = self.tally.with_event(event, time.monotonic() - self._began)

    def renew(self) -> None:
        """Renew the lease between batches. Raises `FenceClosed`."""
        lease.fence(self._run, {})

    def flush(self) -> None:
        """Wait until all commits are on the disk, so that effects outside the database may rely on them."""
        if len(self._possible) > 1:
            lease.fence(self._run, {})
            self._mark_flushed()

    def settle(self) -> None:
        """Find out what is committed after a connection was lost: the run's row counts the batches that are.

        Where the server crashed, the row also shows which earlier batches are lost.
        """
        with transaction.atomic():  # waits for a commit that is still under way
            details = JobRun.objects.select_for_update().values_list("details", flat=True).get(pk=self._run.pk)
        self.tally = self._possible.get(details.get("batches", {}).get("count"), self.tally)

    def _mark_flushed(self) -> None:
        self._possible, self._flushed_at = {self.tally.batches: self.tally}, time.monotonic()

"""The work of a run: what is due goes batch by batch through a job, and what came of it into the run's row.

Each batch is a transaction of its own, and the fence is its last statement: either the rows and the run's counts change
together, or neither does.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from maintenance import brake, lease, registry, results
from maintenance.batches import BatchSize, between, halves, keys_after
from maintenance.database import is_connected, read_only
from maintenance.errors import ContractBroken, record_of, summary_of
from maintenance.heartbeat import Heartbeat
from maintenance.job import Job, Outcome, Stage
from maintenance.logs import RunLogger
from maintenance.models import JobRun
from maintenance.results import Tally
from maintenance.stop import StopToken

Progress = Callable[[int, int], None]
"""Told after each batch: how many units have been dealt with, of how many that were due."""

FAILURES_IN_A_ROW = 100
"""So many units failing one after another, and none done, is no longer about the units."""
WORTH_A_SECOND_TRY = frozenset({"40001", "40P01", "55P03"})
"""SQLSTATEs of serialisation failure, deadlock and lock time-out: the same batch may succeed at once."""


class Work:
    """What one run does between its start and its end. `tally` holds what is committed."""

    def __init__(self, job: Job, run: JobRun, now: datetime, stop: StopToken, heartbeat: Heartbeat) -> None:
        self.job, self.run, self.now, self.stop, self.heartbeat = job, run, now, stop, heartbeat
        self.stages: Sequence[Stage[Any]] = job.stages(now)
        meta = self.stages[0].due.model._meta
        self.noun = (str(meta.verbose_name), str(meta.verbose_name_plural))
        self.tally = Tally(cutoff=job.retention.cutoff(now) if job.retention else None)
        self.due = 0
        self._deadline = time.monotonic() + settings.MAINTENANCE_TIME_BUDGET
        self._failures_in_a_row = 0
        self._record_in_audit_trail = registry.load()
        self._log = RunLogger(__name__, job=job.name, run_id=run.pk)

    def perform(self, confirm_count: int | None, progress: Progress) -> None:
        """Do what is due. Raises `BrakeApplied` before anything is done, `FenceClosed` when the run may not go on."""
        self._measure()
        brake.apply(self.job, self.due, confirm_count)
        self._announce()
        progress(0, self.due)
        for stage in self.stages:
            size = BatchSize(stage.largest_batch)
            for keys in self._pages(stage, size):
                began = time.monotonic()
                self._attempt(stage, keys)
                size.learn(len(keys), time.monotonic() - began)
                progress(self.tally.accounted, self.due)

    def preview(self) -> None:
        """Say what is due, in read-only transactions; only a job that tells more than a number is walked through."""
        self._measure()
        self._announce()
        would = Outcome(counts={f"would_{self.job.verb.infinitive}": self.due} if self.due else {})
        for stage in self.stages:
            with read_only():
                self.tally.ids += keys_after(stage.due, None, results.IDS_KEPT - len(self.tally.ids))
            for keys in self._pages(stage, BatchSize()) if stage.preview else ():
                with read_only():
                    would += stage.preview(between(stage.due, keys))  # type: ignore[misc] # it is not None here
        self.tally = self.tally.including(would, 0)

    @property
    def remaining(self) -> int:
        """Units that were due and have not been dealt with."""
        return max(0, self.due - self.tally.accounted)

    def sentence(self) -> str:
        """Say what was done so far, or would be."""
        return results.sentence(self.job, self.tally, self.noun, dry_run=self.run.dry_run, due=self.due)

    def _measure(self) -> None:
        with read_only():
            measure = self.job.measure(self.now)
        self.due, self.tally.oldest, self.tally.newest = measure.due, measure.oldest, measure.newest

    def _announce(self) -> None:
        lease.fence(self.run, {"items_due": self.due, "details": self.tally.details()})

    def _pages(self, stage: Stage[Any], size: BatchSize) -> Iterator[list[Any]]:
        """Yield the keys of what is due, batch by batch, with a pause between, while time and permission last."""
        last = None
        while not self.stop.is_requested:
            wanted = size.value
            keys = keys_after(stage.due, last, wanted)
            if not keys:
                return
            if time.monotonic() > self._deadline:
                self.tally.backlog = self.remaining
                return
            yield keys
            last = keys[-1]
            if len(keys) == wanted:
                self.stop.wait(settings.MAINTENANCE_BATCH_PAUSE)
        raise lease.FenceClosed

    def _attempt(self, stage: Stage[Any], keys: list[Any], *, is_second_try: bool = False) -> None:
        """Process a batch; when it fails, find the units at fault, and do the others."""
        try:
            self._commit(lambda: self._outcome_of(stage, keys))
        except (lease.FenceClosed, ContractBroken):
            raise
        except Exception as error:
            if self.stop.is_requested or not is_connected():
                raise lease.FenceClosed from error
            if not is_second_try and record_of(error)["sqlstate"] in WORTH_A_SECOND_TRY:
                self._attempt(stage, keys, is_second_try=True)
            elif len(keys) == 1:
                self._fail(keys[0], error)
            else:
                for half in halves(keys):
                    self._attempt(stage, half)

    def _outcome_of(self, stage: Stage[Any], keys: list[Any]) -> Outcome:
        batch = between(stage.due, keys)
        outcome = stage.process(batch)
        if outcome.accounted < len(keys) and batch.exclude(pk__in=list(outcome.failed)).exists():
            raise ContractBroken(
                f"The job said nothing of some of its {self.noun[1]}, and they are still due: mend the job "
                f"'{self.job.name}' (`process` must do, fail or leave unchanged each unit of its batch)."
            )
        return outcome

    def _commit(self, act: Callable[[], Outcome]) -> None:
        """Run `act` in a transaction that also enters its outcome in the run's row, if the run may still write."""
        began = time.monotonic()
        with self.heartbeat.cancellable(), transaction.atomic(durable=True):
            outcome = act()
            tally = self.tally.including(outcome, time.monotonic() - began)
            if outcome.done:
                self._record_in_audit_trail(job=self.job.name, run_id=self.run.pk, now=self.now, counts=tally.counts)
            lease.fence(self.run, {"items_done": tally.done, "details": tally.details()})
        self.tally = tally
        if outcome.accounted > len(outcome.failed):
            self._failures_in_a_row = 0
        for key, cause in outcome.failed.items():
            self._log.warning("%s %s failed: %s.", self.noun[0], key, cause)

    def _fail(self, key: Any, error: Exception) -> None:
        self._log.warning("%s %s raised an error.", self.noun[0], key, exc_info=error)
        self._commit(lambda: Outcome(failed={key: summary_of(error)}))
        self._failures_in_a_row += 1
        if self._failures_in_a_row >= FAILURES_IN_A_ROW:
            raise error

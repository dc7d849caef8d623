"""The work of a run: what is due goes batch by batch through a job, and what came of it into the run's row.

Each batch is a transaction of its own, and the fence is its last statement: either the rows and the run's counts change
together, or neither does.
"""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from maintenance.conf import settings
from maintenance.core import registry
from maintenance.core.database import commit_at_leisure, read_only
from maintenance.core.errors import ContractBroken, record_of, summary_of
from maintenance.core.job import Job, Outcome, Search, Stage
from maintenance.core.logs import RunLogger
from maintenance.engine import lease, results, volume_guard
from maintenance.engine.batches import Batch, BatchSize, keys_of
from maintenance.engine.cancellation import StopToken
from maintenance.engine.heartbeat import Heartbeat
from maintenance.engine.prefetch import reading
from maintenance.engine.results import Tally
from maintenance.models import JobRun

Progress = Callable[[int, int], None]
"""Told after each batch: how many units have been dealt with, of how many that were due."""

FAILURES_IN_A_ROW = 100
"""So many units failing one after another, and none done, is no longer about the units."""
FLUSH_SECONDS = 1.0
"""After which a batch waits for the disk even where it need not: so much may a crash of the database take back."""
WORTH_A_SECOND_TRY = frozenset({"40001", "40P01", "55P03"})
"""SQLSTATEs of serialisation failure, deadlock and lock time-out: the same batch may succeed at once."""


class Work:
    """What one run does between its start and its end. `tally` holds what is committed."""

    def __init__(
        self,
        job: Job,
        run: JobRun,
        now: datetime,
        stop: StopToken,
        heartbeat: Heartbeat,
        options: Collection[str] = (),
    ) -> None:
        self.job, self.run, self.now, self.stop, self.heartbeat = job, run, now, stop, heartbeat
        self.stages: Sequence[Stage[Any]] = job.stages(now)
        self.searches: Sequence[Search[Any]] = job.searches(now, options)
        meta = self.stages[0].due.model._meta
        self.noun = job.noun or (str(meta.verbose_name), str(meta.verbose_name_plural))
        cutoff = job.retention.cutoff(now) if job.retention else None
        self.tally = Tally(cutoff=cutoff, options=sorted(options), asked=results.asked(run.details))
        self.due = 0
        self.is_out_of_time = False
        self._deadline = time.monotonic() + settings.MAINTENANCE_TIME_BUDGET
        self._failures_in_a_row = 0
        self._flushed_at = time.monotonic()
        self._possible: dict[int, Tally] = {}
        """What may be committed in the end, by the number of batches: what is on the disk, and each batch since."""
        self._record_in_audit_trail = registry.load()
        self._log = RunLogger(__name__, job=job.name, run_id=run.pk)

    def perform(self, confirm_count: int | None, progress: Progress) -> None:
        """Do what is due. Raises `BrakeApplied` before anything is done, `FenceClosed` when the run may not go on."""
        self._measure()
        volume_guard.apply(self.job, self.due, confirm_count, self.tally.options)
        acting = [(search, search.process) for search in self.searches if search.process]
        for search, _ in acting:
            due, total = self._survey(search)
            volume_guard.apply_to_share(self.job, due, total, confirm_count, self.tally.options)
            self.due += due
        self._announce()
        progress(0, self.due)
        for stage in self.stages:
            self._perform_stage(stage, progress)
        for search, process in acting:
            for found in self._finds(search):
                self._commit(partial(process, found))
                progress(self.tally.accounted, self.due)
        self._report_searches()

    def _perform_stage(self, stage: Stage[Any], progress: Progress) -> None:
        self._flush()
        if stage.before:
            self._do_before(stage.before)
        if stage.is_counted and not self.due and not self.tally.outcome.prepared:
            return  # measured a moment ago: where finding out takes long, once is enough
        size = BatchSize(stage.largest_batch)
        for batch in self._batches(stage, size):
            began = time.monotonic()
            self._attempt(stage, batch)
            size.learn(batch.rows, time.monotonic() - began, batch.seconds_ahead)
            progress(self.tally.accounted, self.due)

    def preview(self) -> None:
        """Say what is due, in read-only transactions; only a job that tells more than a number is walked through."""
        self._measure()
        would = Outcome()
        acting = [search for search in self.searches if search.process]
        for search in acting:
            due, _ = self._survey(search)
            self.due += due
        self._announce()
        for stage in self.stages:
            would += self._preview_stage(stage)
        for search in acting:
            would += self._preview_search(search)
        number = {f"would_{self.job.verb.infinitive}": self.due - would.unchanged}
        self.tally = self.tally.including(Outcome(counts=number) + would)
        self._report_searches()

    def _preview_stage(self, stage: Stage[Any]) -> Outcome:
        """Walk through a stage if it can say what it would do; note what it would act on."""
        would, size = Outcome(), BatchSize(stage.largest_batch)
        if stage.preview is None:
            with read_only():
                self._note(keys_of(stage.due, results.IDS_KEPT))
            return would
        for batch in self._batches(stage, size, ahead=False):
            began = time.monotonic()
            self._carry_on()
            with read_only():
                seen = stage.preview(batch.given_to(stage))
                if len(self.tally.ids) < results.IDS_KEPT:
                    first = keys_of(batch.still(stage.due), results.IDS_KEPT) if seen.ids is None else seen.ids
                    self._note(first)
            size.learn(batch.rows, time.monotonic() - began)
            would += replace(seen, ids=None)
        return would

    def _preview_search(self, search: Search[Any]) -> Outcome:
        would = Outcome()
        for found in self._finds(search) if search.preview else ():
            with read_only():
                would += search.preview(found)  # type: ignore[misc] # it is not None here
        return would

    def _note(self, ids: Sequence[Any]) -> None:
        self.tally.ids = [*self.tally.ids, *ids][: results.IDS_KEPT]

    @property
    def remaining(self) -> int:
        """Units that were due and have not been dealt with."""
        return max(0, self.due - self.tally.accounted)

    def sentence(self) -> str:
        """Say what was done so far, or would be."""
        due = self.due - self.tally.outcome.unchanged
        return results.sentence(self.job, self.tally, self.noun, dry_run=self.run.dry_run, due=due)

    def _measure(self) -> None:
        with self.heartbeat.cancellable(), read_only():
            measure = self.job.measure(self.now)
        self.due, self.tally.oldest, self.tally.newest = measure.due, measure.oldest, measure.newest
        fields = {
            "event": "run_started",
            "trigger": str(self.run.trigger),
            "dry_run": self.run.dry_run,
            "due": self.due,
        }
        self._log.info("Started, with %s due.", f"{self.due:,}", extra=fields)

    def _announce(self) -> None:
        lease.fence(self.run, {"items_due": self.due, "details": self.tally.details()})
        self._is_on_disk()

    def _flush(self) -> None:
        """Have everything on the disk that is committed: the present stage may rely on it outside the database."""
        if len(self._possible) > 1:
            lease.fence(self.run, {})
            self._is_on_disk()

    def _is_on_disk(self) -> None:
        self._possible, self._flushed_at = {self.tally.batches: self.tally}, time.monotonic()

    def _batches(self, stage: Stage[Any], size: BatchSize, *, ahead: bool = True) -> Iterator[Batch]:
        """Yield what is due, batch by batch, with a pause between, while time and permission last."""
        with reading(stage, self.stop, self.heartbeat, ahead=ahead) as reader:
            while not self.stop.is_requested:
                batch = reader.take(size.value)
                if batch is None:
                    return
                if self._has_run_out_of_time():
                    return
                yield batch
                if batch.is_last:
                    return
                reader.go_ahead(size.value)
                self.stop.wait(settings.MAINTENANCE_BATCH_PAUSE)
        raise lease.FenceClosed

    def _has_run_out_of_time(self) -> bool:
        """Whether the time budget is used up; note what remains. A dry run leaves nothing, as it does nothing."""
        if time.monotonic() <= self._deadline:
            return False
        self.is_out_of_time = True
        self.tally.backlog = None if self.run.dry_run else self.remaining
        return True

    def _survey(self, search: Search[Any]) -> tuple[int, int]:
        """Look at everything that there is and note the figures; return how much is due, and of how much."""
        due = total = 0
        figures = Outcome()
        for names in search.everything():
            self._carry_on()
            with read_only():
                found = search.due(names)
            due, total = due + len(found.due), total + len(names)
            figures += Outcome(counts=found.counts)
        self.tally = replace(self.tally, outcome=self.tally.outcome + figures)
        return due, total

    def _report_searches(self) -> None:
        """Count what is only reported, at the end: looking at everything may take long."""
        for search in self.searches:
            if not search.process and time.monotonic() < self._deadline:
                self._survey(search)

    def _finds(self, search: Search[Any]) -> Iterator[Sequence[Any]]:
        """Yield what is due of everything that there is, some at a time, while time and permission last."""
        size = BatchSize()
        for names in search.everything():
            self._carry_on()
            with read_only():
                due = search.due(names).due
            while due:
                if self.stop.is_requested:
                    raise lease.FenceClosed
                if self._has_run_out_of_time():
                    return
                began, keys, due = time.monotonic(), due[: size.value], due[size.value :]
                yield keys
                size.learn(len(keys), time.monotonic() - began)
                self.stop.wait(settings.MAINTENANCE_BATCH_PAUSE)

    def _carry_on(self) -> None:
        """Renew the lease between batches, or raise `FenceClosed`."""
        if self.stop.is_requested:
            raise lease.FenceClosed
        lease.fence(self.run, {})

    def _attempt(self, stage: Stage[Any], batch: Batch, *, is_second_try: bool = False) -> None:
        """Process a batch; when it fails, find the units at fault, and do the others."""
        try:
            self._commit(lambda: self._outcome_of(stage, batch))
        except (lease.FenceClosed, ContractBroken):
            raise
        except Exception as error:
            if self.stop.is_requested or not lease.has_connection(self.run):
                raise lease.FenceClosed from error
            if not is_second_try and record_of(error)["sqlstate"] in WORTH_A_SECOND_TRY:
                self._attempt(stage, batch, is_second_try=True)
            else:
                self._attempt_halves(stage, batch, error)

    def _attempt_halves(self, stage: Stage[Any], batch: Batch, error: Exception) -> None:
        parts = list(batch.halves(stage.due))
        if not parts:
            raise error
        if len(parts) == 1:
            self._fail(stage, parts[0].first, error)
            return
        for part in parts:  # what was seen is of the whole batch
            self._attempt(stage, part)

    def _outcome_of(self, stage: Stage[Any], batch: Batch) -> Outcome:
        rows = batch.given_to(stage)
        outcome = stage.process(rows) if batch.seen is None else stage.process(rows, seen=batch.seen)
        if outcome.accounted < batch.rows and batch.still(stage.due).exclude(pk__in=list(outcome.failed)).exists():
            raise ContractBroken(
                f"The job said nothing of some of its {self.noun[1]}, and they are still due: mend the job "
                f"'{self.job.name}' (`process` must do, fail or leave unchanged each unit of its batch)."
            )
        return outcome

    def _commit(self, act: Callable[[], Outcome]) -> None:
        """Run `act` in a transaction that also enters its outcome in the run's row, if the run may still write."""
        began = time.monotonic()
        flushes = self.job.waits_for_disk or began - self._flushed_at > FLUSH_SECONDS
        with self.heartbeat.cancellable(), transaction.atomic(durable=True):
            if not flushes:
                commit_at_leisure()
            outcome = act()
            tally = self.tally.including(outcome)
            if outcome.has_changed_something:
                self._record_in_audit_trail(job=self.job.name, run_id=self.run.pk, now=self.now, counts=tally.counts)
            lease.fence(self.run, {"items_done": tally.done, "details": tally.details()})
            self._possible[tally.batches] = tally
        seconds = time.monotonic() - began
        self.tally = tally.lasting(seconds)
        self._possible[tally.batches] = self.tally
        if flushes:
            self._is_on_disk()
        fields = {"event": "batch", "batch": tally.batches, "rows": outcome.accounted, "seconds": round(seconds, 4)}
        self._log.debug("Batch %d: %d rows in %.3f s.", tally.batches, outcome.accounted, seconds, extra=fields)
        if outcome.accounted > len(outcome.failed):
            self._failures_in_a_row = 0
        for key, cause in outcome.failed.items():
            self._log.warning("%s %s failed: %s.", self.noun[0], key, cause)

    def settle(self) -> None:
        """Count what is committed, where a connection was lost: the run's row knows whether the last batch is in.

        Where the server crashed, the row knows as well which batches before that are gone.
        """
        with transaction.atomic():  # waits for a commit that is still under way
            details = JobRun.objects.select_for_update().values_list("details", flat=True).get(pk=self.run.pk)
        self.tally = self._possible.get(details.get("batches", {}).get("count"), self.tally)

    def _do_before(self, before: Callable[[], Outcome]) -> None:
        """Do what comes before a stage; what goes wrong with it is told, and keeps nothing else from being done."""
        try:
            self._commit(before)
        except lease.FenceClosed:
            raise
        except Exception as error:
            if self.stop.is_requested or not lease.has_connection(self.run):
                raise lease.FenceClosed from error
            self._log.warning("What comes before the %s raised an error.", self.noun[1], exc_info=error)
            faults = {"before": summary_of(error)}
            self._commit(lambda: Outcome(faults=faults))

    def _fail(self, stage: Stage[Any], key: Any, error: Exception) -> None:
        self._log.warning("%s %s raised an error.", self.noun[0], key, exc_info=error)

        def count() -> Outcome:
            if stage.on_failure:
                stage.on_failure(key, error)
            return Outcome(failed={key: summary_of(error)})

        self._commit(count)
        self._failures_in_a_row += 1
        if self._failures_in_a_row >= FAILURES_IN_A_ROW:
            raise error

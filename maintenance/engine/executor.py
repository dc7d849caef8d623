"""Execute a run between its start and its end: count what is due, then process it batch by batch.

`Executor._take_batches` is the one loop over batches, for real runs and dry runs, rows and files.
"""

import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import QuerySet

from maintenance.conf import settings
from maintenance.core import backlog, holds
from maintenance.core.database import read_only
from maintenance.core.job import Job
from maintenance.core.logs import RunLogger
from maintenance.core.stages import AnyStage, FileStage, Outcome, Preview
from maintenance.engine import lease, pacing, results, volume_guard
from maintenance.engine.attempt import Attempt
from maintenance.engine.batches import Batch, BatchSize, keys_of, preview
from maintenance.engine.committer import Committer
from maintenance.engine.prefetch import reading
from maintenance.engine.reconnect import Reconnector
from maintenance.engine.results import Tally
from maintenance.engine.run_log import Event
from maintenance.engine.run_options import RunOptions
from maintenance.engine.survey import during_run, survey
from maintenance.engine.watchdog import Watchdog
from maintenance.models import JobRun

Act = Callable[[AnyStage, Batch], None]


class Executor:
    """Executes one run. `committer.tally` holds what is committed."""

    def __init__(self, job: Job, run: JobRun, now: datetime, watchdog: Watchdog, options: RunOptions) -> None:
        self.job, self.run, self._now, self._watchdog, self._options = job, run, now, watchdog, options
        self._stages = holds.stages_of(job, now)
        self._file_stages = job.file_stages(now, options.job_options)
        self._due_file_stages: list[FileStage[Any]] = []
        self.noun = results.noun_of(job, self._stages)
        cutoff = job.retention.cutoff(now) if job.retention else None
        tally = Tally(cutoff=cutoff, options=sorted(options.job_options), requested=results.requested(run.details))
        tally.has_limits = bool(job.retentions) and job.retention is None
        self.committer = Committer(job, run, now, tally)
        self._reconnector = Reconnector(run, options.token, watchdog, self.committer)
        self.due = 0
        self.has_counted = False
        self.is_out_of_time = False
        self._log = RunLogger(__name__, job=job.name, run_id=run.pk)
        self._deadline = time.monotonic() + settings.MAINTENANCE_TIME_BUDGET

    @property
    def tally(self) -> Tally:
        return self.committer.tally

    @property
    def remaining(self) -> int:
        """Units that were due and are not accounted for."""
        return max(0, self.due - self.tally.accounted)

    def sentence(self) -> str:
        """Return what was done so far, or would be, as a sentence."""
        due = self.due - self.tally.outcome.unchanged
        return results.sentence(self.job, self.tally, self.noun, dry_run=self.run.dry_run, due=due)

    def execute(self) -> None:
        """Do what is due. Raises `VolumeGuardStopped` before anything is done, `FenceClosed` when stopped."""
        self._count_due(guard=True)
        self._options.progress(0, self.due)
        attempt = Attempt(self.job, self.run, self.noun, self.committer, self._reconnector, self._watchdog, self._log)
        for stage in (*self._stages, *self._due_file_stages):
            self._reconnector.retry(self.committer.flush)
            attempt.before(stage)
            # Nothing is due: the count before has found that out, and finding it out again may take long.
            if self.due or self.tally.outcome.deferred or not stage.is_counted:
                self._take_batches(stage, attempt.batch)
            if self.is_out_of_time:
                break
        self._report()

    def dry_run(self) -> None:
        """Find out what `execute` would do, in read-only transactions."""
        self._count_due(guard=False)
        would = Outcome()

        def act(stage: AnyStage, batch: Batch) -> None:
            nonlocal would
            seen = self._reconnector.retry(lambda: self._preview(stage, batch))
            would += Outcome(unchanged=seen.unchanged, counts=seen.counts)

        for stage in (*self._stages, *self._due_file_stages):
            if stage.preview:
                self._take_batches(stage, act)
            elif not isinstance(stage, FileStage):
                self.tally.keep_ids(self._reconnector.retry(partial(_first_ids, stage.due)))
            if self.is_out_of_time:
                break
        number = {self.job.verb.would: self.due - would.unchanged}
        self.committer.tally = self.tally.including(Outcome(counts=number) + would)
        self._report()

    def _preview(self, stage: AnyStage, batch: Batch) -> Preview:
        """Return a stage's preview of a batch, and keep the first ids."""
        self._renew()
        with read_only():
            seen = preview(stage, batch)
        if not isinstance(stage, FileStage) and self.tally.needs_ids:
            self.tally.keep_ids(_first_ids(batch.still(stage.due)) if seen.ids is None else seen.ids)
        return seen

    def _take_batches(self, stage: AnyStage, act: Act) -> None:
        """Take the batches of a stage, with a pause between, until none is left or the time budget is used up.

        Raises `FenceClosed` when the run was asked to stop.
        """
        size = BatchSize(stage.largest_batch)
        token = self._options.token
        # A recovery does all work in its own thread, where the watchdog can interrupt it.
        prefetch = not self.run.dry_run and self.run.trigger != JobRun.Trigger.RECOVERY
        with reading(stage, token, self._renew, prefetch=prefetch) as reader:
            while not token.is_requested:
                began = time.monotonic()
                batch = self._reconnector.retry(partial(reader.take, size.value))
                if batch is None:
                    return
                if time.monotonic() > self._deadline:
                    self._note_out_of_time()
                    return
                taken = time.monotonic()
                act(stage, batch)
                size.learn(batch.rows, time.monotonic() - taken, batch.prefetch_seconds)
                self._options.progress(self.tally.accounted, self.due)
                if batch.is_last:
                    return
                reader.prepare_next(size.value)
                with self._watchdog.resting():
                    token.wait(pacing.pause_after(time.monotonic() - began, batch.prefetch_seconds))
        raise lease.FenceClosed

    def _note_out_of_time(self) -> None:
        """Note what remains when the time budget is used up. A dry run leaves nothing behind, so it has no backlog."""
        self.is_out_of_time = True
        self.committer.note(Event.OUT_OF_TIME)
        self.tally.backlog = None if self.run.dry_run else self.remaining

    def _count_due(self, *, guard: bool) -> None:
        """Count what is due and save the number. With `guard`, raises `VolumeGuardStopped` for an unusual number."""
        confirmed, options = self._options.confirm_count, self.tally.options
        limits = self._reconnector.retry(self._backlog)
        counted = sum(limits.values(), backlog.Backlog())
        self.tally.count_due({name: part.due for name, part in limits.items()})
        self.due, self.tally.oldest, self.tally.newest = counted.due, counted.oldest, counted.newest
        fields = {"trigger": str(self.run.trigger), "dry_run": self.run.dry_run, "due": self.due}
        self._log.info("Started, with %s due.", f"{self.due:,}", extra={"event": "run_started", **fields})
        if guard:
            volume_guard.check(self.job, self.due, confirmed, options)
        for stage in self._file_stages:
            if stage.process:
                due, total = self._survey(stage)
                if guard and stage.is_guarded:
                    volume_guard.check_share(self.job, due, total, confirmed, options)
                self.due += due
                self._due_file_stages += [stage] if due else []
        self.has_counted = True
        self._reconnector.retry(partial(self.committer.announce, self.due))

    def _backlog(self) -> dict[str, backlog.Backlog]:
        with read_only():
            return backlog.by_limit(self.job, self._now)

    def _survey(self, stage: FileStage[Any]) -> tuple[int, int]:
        """Examine all files and keep the figures; return the number that is due and the number of all."""
        found = survey(stage, during_run(stage, self._reconnector, self._renew))
        self.tally.outcome += Outcome(counts=found.counts)
        return found.due, found.total

    def _report(self) -> None:
        """Count what is left alone: files that are only reported, last because it may take long, and what is held."""
        for stage in self._file_stages:
            if not stage.process and time.monotonic() < self._deadline:
                self._survey(stage)
        if self.job.respects_holds and holds.exist():
            with read_only():
                self.tally.count_held(holds.count_held(self.job, self._now))

    def _renew(self) -> None:
        """Renew the lease between batches, or raise `FenceClosed`."""
        if self._options.token.is_requested:
            raise lease.FenceClosed
        self.committer.renew()


def _first_ids(due: QuerySet[Any]) -> list[Any]:
    with read_only():
        return keys_of(due, results.IDS_KEPT)

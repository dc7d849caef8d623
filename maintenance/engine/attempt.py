"""One attempt at a batch: process and commit it; when it fails, isolate the units at fault and process the others.

A batch that lost its connection is tried once more. One that the watchdog ended is halved at once, and each half has
half the time. An error of the whole server, such as a full disk, ends the run: no unit is at fault.
"""

from dataclasses import dataclass
from typing import Any

from maintenance.core.counting import counted
from maintenance.core.errors import ContractBroken, RunMustEnd, is_of_no_unit, is_worth_a_second_try, summary_of
from maintenance.core.job import Job
from maintenance.core.logs import RunLogger
from maintenance.core.stages import AnyStage, FileStage, Outcome
from maintenance.engine import lease
from maintenance.engine.batches import Batch, process
from maintenance.engine.committer import Committer
from maintenance.engine.reconnect import Reconnector
from maintenance.engine.run_log import Event
from maintenance.engine.watchdog import Interrupted, NoProgress, Watchdog
from maintenance.models import JobRun

FAILURES_IN_A_ROW = 100
"""A run ends after this many failures without a success in between: the units are not the cause."""


class _RangeGrew(Exception):
    """A range of keys may have got due units since it was counted: it is tried again with its keys, which cannot."""


@dataclass
class Attempt:
    """Attempts the batches of one run. `noun` names a unit, in the singular and in the plural."""

    job: Job
    run: JobRun
    noun: tuple[str, str]
    committer: Committer
    reconnector: Reconnector
    watchdog: Watchdog
    log: RunLogger
    failures_in_a_row: int = 0

    def batch(self, stage: AnyStage, batch: Batch, *, is_second_try: bool = False) -> None:
        """Process a batch. Raises `FenceClosed`, `ContractBroken`, or the last error when all units fail."""
        committed = self.committer.tally.batches
        try:
            self._commit(stage, batch)
        except (lease.FenceClosed, ContractBroken, RunMustEnd):
            raise
        except _RangeGrew:
            self.committer.note(Event.SPLIT)
            for part in self.reconnector.retry(lambda: list(batch.halves(stage))):
                self.batch(stage, part)
        except (Exception, Interrupted) as error:
            cause = self.reconnector.cause_of(error)
            if self.committer.tally.batches > committed:
                return  # only the answer to the commit was lost
            if not is_second_try and (cause is None or is_worth_a_second_try(cause)):
                self.committer.note(Event.SECOND_TRY)
                self.batch(stage, batch, is_second_try=True)
            elif cause and is_of_no_unit(cause):
                raise
            else:
                self._isolate(stage, batch, cause or error)

    def before(self, stage: AnyStage) -> None:
        """Call a stage's `before`. An error in it is a warning of the run and keeps no batch from being processed."""
        if stage.before is None:
            return
        try:
            while self.committer.commit(stage.before).done:
                pass
        except lease.FenceClosed:
            raise
        except (Exception, Interrupted) as error:
            cause = self.reconnector.cause_of(error) or error
            self.log.warning("Preparing the %s raised an error.", self.noun[1], exc_info=cause)
            warnings = {"before": _text_of(cause)}
            self.committer.commit(lambda: Outcome(warnings=warnings))

    def _commit(self, stage: AnyStage, batch: Batch) -> None:
        outcome = self.committer.commit(lambda: self._outcome_of(stage, batch), self.job.limit_name(stage))
        if outcome.has_changes or outcome.unchanged:
            self.failures_in_a_row = 0
        for key, cause in outcome.failed.items():
            self.log.warning("%s %s failed: %s.", self.noun[0], key, cause)

    def _outcome_of(self, stage: AnyStage, batch: Batch) -> Outcome:
        outcome = process(stage, batch)
        self._refuse_more_than_given(stage, batch, outcome)
        accounted = outcome.accounted
        if not stage.is_counted:  # what it could not do is told by warnings, and is no failure of a unit
            accounted += outcome.side_changes + len(outcome.warnings)
        if isinstance(stage, FileStage) or accounted >= batch.rows:
            return outcome
        if batch.still(stage.due).exclude(pk__in=list(outcome.failed)).exists():
            if batch.keys is None:
                raise _RangeGrew
            raise ContractBroken(
                f"The job '{self.job.name}' did not account for some of its {self.noun[1]}, and they are still due: "
                "correct its `process`, which must do, fail, defer or leave unchanged each unit of a batch."
            )
        return outcome

    def _refuse_more_than_given(self, stage: AnyStage, batch: Batch, outcome: Outcome) -> None:
        """Raise where a job says that it did more than it was given."""
        if not stage.is_counted or outcome.accounted <= batch.rows:
            return
        if batch.keys is None:
            raise _RangeGrew
        raise ContractBroken(
            f"The job '{self.job.name}' says that it did {counted(outcome.accounted, self.noun)} of {batch.rows:,}: "
            "correct its `process`, which must count each unit of a batch once."
        )

    def _isolate(self, stage: AnyStage, batch: Batch, error: BaseException) -> None:
        if not isinstance(error, NoProgress):
            self._halves(stage, batch, error)
        elif self.watchdog.is_out_of_time:
            raise RunMustEnd(f"A batch made {error}, and was stopped by the watchdog after the time budget.") from error
        else:
            with self.watchdog.with_limit(self.watchdog.limit / 2):
                self._halves(stage, batch, error)

    def _halves(self, stage: AnyStage, batch: Batch, error: BaseException) -> None:
        parts = self.reconnector.retry(lambda: list(batch.halves(stage)))
        if not parts:
            raise error
        if len(parts) == 1:
            self._fail(stage, parts[0].first, error)
            return
        self.committer.note(Event.SPLIT)
        for part in parts:  # without the prefetched result, which belongs to the whole batch
            self.batch(stage, part)

    def _fail(self, stage: AnyStage, key: Any, error: BaseException) -> None:
        if isinstance(stage, FileStage):
            key = str(key)
        self.log.warning("%s %s raised an error.", self.noun[0], key, exc_info=error)

        def count() -> Outcome:
            if not isinstance(stage, FileStage) and stage.on_failure and isinstance(error, Exception):
                stage.on_failure(key, error)
            return Outcome(failed={key: _text_of(error)})

        self.committer.note(Event.UNIT_FAILED)
        self.committer.commit(count)
        self.failures_in_a_row += 1
        if self.failures_in_a_row >= FAILURES_IN_A_ROW:
            raise error


def _text_of(error: BaseException) -> str:
    """Return the cause of a failure, without the text of an exception that may quote a row."""
    return str(error) if isinstance(error, NoProgress) else summary_of(error)

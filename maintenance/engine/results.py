"""The result of a run, in figures and in one sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from maintenance.core.counting import counted
from maintenance.core.job import Job
from maintenance.core.stages import AnyStage, FileStage, Outcome, add_counts
from maintenance.core.states import Status
from maintenance.engine.durations import Durations
from maintenance.engine.run_log import Event, RunLog
from maintenance.models import JobRun

ERRORS_KEPT = 10
IDS_KEPT = 10

EXIT_STATUS = {status: status.exit_status for status in Status if status.exit_status is not None}
"""Exit status of a command by the status of its run; 2 is a usage error, 78 one of configuration."""


REQUESTED = ("confirm_count", "plan")
"""The keys of a request that stay in the run's details: the confirmed limit, and the id of the dry run before it."""


def requested(details: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a run's `details` that its request had."""
    return {name: details[name] for name in REQUESTED if name in details}


@dataclass(frozen=True)
class JobResult:
    """The result of a run. `duration` runs from start to end; zero where the run never started."""

    job: str
    status: str
    message: str
    run_id: int | None = None
    dry_run: bool = False
    details: Mapping[str, Any] = field(default_factory=dict)
    duration: timedelta = timedelta(0)

    @property
    def success(self) -> bool:
        return self.status == Status.SUCCEEDED

    @classmethod
    def of(cls, run: JobRun) -> "JobResult":
        return cls(
            job=run.job,
            status=run.status,
            message=run.message,
            run_id=run.pk,
            dry_run=run.dry_run,
            details=run.details,
            duration=run.duration or timedelta(0),
        )

    def as_json(self) -> dict[str, Any]:
        """Return the object that `--json` prints."""
        return {
            "job": self.job,
            "run_id": self.run_id,
            "status": self.status,
            "success": self.success,
            "message": self.message,
            "details": self.details,
            "dry_run": self.dry_run,
            "duration_seconds": round(self.duration.total_seconds(), 3),
        }


@dataclass
class Tally:
    """The committed work of a run so far."""

    cutoff: datetime | None
    options: Sequence[str] = ()
    requested: Mapping[str, Any] = field(default_factory=dict)
    oldest: datetime | None = None
    newest: datetime | None = None
    outcome: Outcome = field(default_factory=Outcome)
    failed: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)
    ids: list[Any] = field(default_factory=list)
    batches: int = 0
    durations: Durations = field(default_factory=Durations)
    """The durations of the committed batches."""
    log: RunLog = field(default_factory=RunLog)
    backlog: int | None = None
    has_limits: bool = False
    """Whether the job has several age limits, so that `limits` has figures by their settings."""
    limits: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def including(self, outcome: Outcome, limit: str = "") -> "Tally":
        """Return the tally with one batch more; `self` stays as it is, in case the batch is rolled back."""
        errors = [
            {"id": place, "error": cause} for place, cause in [*outcome.failed.items(), *outcome.warnings.items()]
        ]
        return Tally(
            **{
                **vars(self),
                # Failed units are counted, and only the first few kept: memory stays flat.
                "outcome": self.outcome + replace(outcome, failed={}, warnings={}),
                "failed": self.failed + len(outcome.failed),
                "errors": (self.errors + errors)[:ERRORS_KEPT],
                "batches": self.batches + 1,
                "limits": self._with_limit(limit, done=outcome.done, unchanged=outcome.unchanged),
            }
        )

    @property
    def needs_ids(self) -> bool:
        return len(self.ids) < IDS_KEPT

    def keep_ids(self, ids: Sequence[Any]) -> None:
        """Keep the first ids of units that are due, as samples."""
        self.ids = [*self.ids, *ids][:IDS_KEPT]

    def count_due(self, due: Mapping[str, int]) -> None:
        """Count the units that are due, by age limit."""
        for limit, number in due.items():
            self.limits = self._with_limit(limit, due=number)

    def count_held(self, held: Mapping[str, int]) -> None:
        """Count the units that were left alone because they are held, by age limit."""
        self.outcome += Outcome(counts={"held_back": sum(held.values())} if held else {})
        for limit, number in held.items():
            self.limits = self._with_limit(limit, held=number)

    def _with_limit(self, limit: str, **figures: int) -> Mapping[str, Mapping[str, int]]:
        if not self.has_limits or not any(figures.values()):
            return self.limits
        return {**self.limits, limit: add_counts(self.limits.get(limit, {}), figures)}

    def with_duration(self, seconds: float, rows: int = 0, at: float = 0.0) -> "Tally":
        """Return the tally with the duration of a batch, known once it is committed, `at` a time of the run."""
        return replace(self, durations=self.durations.including(seconds), log=self.log.with_batch(at, rows, seconds))

    def with_event(self, event: Event, at: float) -> "Tally":
        """Return the tally with an event in the log of the run."""
        return replace(self, log=self.log.with_event(at, event))

    @property
    def done(self) -> int:
        return self.outcome.done

    @property
    def accounted(self) -> int:
        """Units with a final outcome; a unit that is deferred to a later stage has none yet."""
        return self.outcome.done + self.outcome.unchanged + self.failed

    @property
    def counts(self) -> dict[str, int]:
        """Figures by name, without zeros."""
        figures = {
            "deleted": self.outcome.deleted,
            "changed": self.outcome.changed,
            "unchanged": self.outcome.unchanged,
            "failed": self.failed,
            **self.outcome.counts,
        }
        return {name: number for name, number in figures.items() if number}

    def details(self) -> dict[str, Any]:
        """Return a run's `details`."""
        return {
            "counts": self.counts,
            **({"options": list(self.options)} if self.options else {}),
            **self.requested,
            **_moments(cutoff=self.cutoff, oldest=self.oldest, newest=self.newest),
            **({"ids": self.ids} if self.ids else {}),
            **({"backlog": self.backlog} if self.backlog is not None else {}),
            **({"errors": self.errors} if self.errors else {}),
            **({"limits": self.limits} if self.limits else {}),
            "batches": {"count": self.batches, **self.durations.figures()},
            **({"log": self.log.as_json()} if self.log != RunLog() else {}),
        }


def _moments(**moments: datetime | None) -> dict[str, str]:
    return {name: moment.isoformat() for name, moment in moments.items() if moment is not None}


def noun_of(job: Job, stages: Sequence[AnyStage]) -> tuple[str, str]:
    """Return what the units of a job are called: by default, as the rows of its first stage."""
    if job.noun:
        return job.noun
    first = stages[0]
    assert not isinstance(first, FileStage)  # noqa: S101 - `Job.stages` returns stages over rows # nosec B101
    meta = first.due.model._meta
    return str(meta.verbose_name), str(meta.verbose_name_plural)


def sentence(job: Job, tally: Tally, noun: tuple[str, str], *, dry_run: bool, due: int) -> str:
    """Return the sentence that says what a run did, or what a dry run would do.

    `noun` names the job's units, in the singular and in the plural. `due` units were counted before, apart from those
    that were left unchanged; a number below zero means units that no stage counts. The job's own remark follows.
    """
    done = tally.counts.get(job.verb.would, 0) if dry_run else tally.done
    quantity = counted(done, noun)
    if dry_run and done:
        text = f"Would {job.verb.infinitive} {quantity}."
    elif done:
        text = f"{job.verb.past.capitalize()} {quantity}."
    elif tally.failed or due < 0:
        text = ""
    else:
        text = (
            f"{job.verb.past.capitalize()} no {noun[1]}."
            if due
            else f"There were no {noun[1]} to {job.verb.infinitive}."
        )
    if tally.failed:
        text += f" {counted(tally.failed, noun)} could not be {job.verb.past}."
    if held := tally.counts.get("held_back"):
        text += f" {counted(held, noun)} held back."
    return f"{text} {job.remark(tally.counts, tally.options)}".strip()


def out_of_time(backlog: int | None) -> str:
    """Return the sentence on what remains after the time budget; `None` where that is unknown, as after a dry run."""
    if backlog is None:
        return "Out of time: not everything was examined."
    return f"Out of time: {backlog:,} remaining." if backlog else "Out of time: follow-up work remaining."


def log_fields(run: JobRun) -> dict[str, Any]:
    """Return the fields of the log record at the end of a run."""
    is_done = run.status == Status.SUCCEEDED and not run.dry_run
    return {
        "event": "run_ended",
        "trigger": str(run.trigger),
        "dry_run": run.dry_run,
        "status": str(run.status),
        "due": run.items_due,
        "done": run.items_done,
        "counts": run.details.get("counts", {}),
        "backlog": run.details.get("backlog", 0 if is_done else None),
        "batches": run.details.get("batches", {}).get("count", 0),
        "duration_seconds": round(run.duration.total_seconds(), 3) if run.duration else 0.0,
    }

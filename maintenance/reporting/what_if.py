"""What would be due if age limits had other values, and what the jobs would make of it. It changes nothing.

The stages of the jobs themselves are built at each moment of the forecast, once with the present and once with the
assumed values, and counted as a run counts them. So a figure is that of a dry run at that moment.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any

from django.db import OperationalError

from maintenance.conf import assuming, settings
from maintenance.core import backlog, holds, registry
from maintenance.core.database import statement_limit
from maintenance.core.due_counts import count_due
from maintenance.core.errors import InvalidRetention
from maintenance.core.job import Job
from maintenance.core.stages import DueFiles, FileStage
from maintenance.engine import volume_guard
from maintenance.engine.survey import Survey, surveys
from maintenance.reporting.rates import Range, past_rates, time_by_past
from maintenance.reporting.status import get_history

DAYS = 28
RUNS = 30
Values = Mapping[str, str]


@dataclass(frozen=True)
class Change:
    """An age limit, as it is and as it is assumed to be."""

    setting: str
    present: str
    assumed: str
    value: str
    """The assumed value, as it was given."""


@dataclass(frozen=True)
class Outlook:
    """What is due for a job. `is_stopped`: the volume guard would stop a run."""

    due: int
    is_stopped: bool
    duration: Range | None

    def as_json(self) -> dict[str, Any]:
        seconds = [round(length.total_seconds(), 3) for length in self.duration] if self.duration else None
        return {"due": self.due, "is_stopped": self.is_stopped, "seconds": seconds}


@dataclass(frozen=True)
class Day:
    """What comes due in the 24 hours before `until`, with the present and with the assumed values."""

    until: datetime
    present: int
    assumed: int


@dataclass(frozen=True)
class PastRun:
    """What a run had to do, and did."""

    run_id: int
    started_at: datetime | None
    status: str
    due: int
    done: int


@dataclass(frozen=True)
class JobOutlook:
    """A job whose work the assumed values change; what took too long to count is `None`.

    `settings` are those that it reads. `guard` is the largest number due with which a run starts unconfirmed; the
    volume guard stops none where it is `None`.
    """

    job: str
    settings: list[str]
    guard: int | None
    present: Outlook | None
    assumed: Outlook | None
    days: list[Day] | None
    runs: list[PastRun]

    @property
    def is_over_budget(self) -> bool:
        """Whether a run may use up its time budget, so that the rest is the work of the next ones."""
        duration = self.assumed.duration if self.assumed else None
        return bool(duration and duration[1] > timedelta(seconds=settings.MAINTENANCE_TIME_BUDGET))

    @property
    def confirming(self) -> str:
        """The command that runs the job although the volume guard would stop it."""
        return volume_guard.confirming(registry.get(self.job), self.assumed.due if self.assumed else 0)


@dataclass(frozen=True)
class WhatIf:
    """The answer, for the moment `at`."""

    at: datetime
    settings: list[Change]
    jobs: list[JobOutlook]


@dataclass(frozen=True)
class Counted:
    """The due units of a job at one moment: rows, and the files of each stage."""

    rows: int
    files: list[Survey] = field(default_factory=list)

    @property
    def due(self) -> int:
        return self.rows + sum(found.due for found in self.files)


def what_if(values: Values, now: datetime, within: timedelta | None = None) -> WhatIf:
    """Return what would be due with the assumed `values`, which `assumed_values` has verified.

    A statement that takes longer than `within` is cancelled. Raises `InvalidRetention` where the present value of
    another setting cannot be used.
    """
    affected = [(job, read) for job in registry.all_jobs() if (read := _read_by(job, values, now))]
    has_holds = bool(affected) and holds.exist()
    jobs = [_outlook(job, read, values, now, Counter(job, within, has_holds=has_holds)) for job, read in affected]
    return WhatIf(now, [_change(setting, values) for setting in values], jobs)


@dataclass(frozen=True)
class Counter:
    """Counts what is due for a job at several moments, with the present and with the assumed values."""

    job: Job
    within: timedelta | None
    has_holds: bool

    def count(self, cases: Sequence[tuple[Values, datetime]]) -> list[Counted] | None:
        """Return the number due in each case; `None` where counting takes too long."""
        try:
            with statement_limit(self.within) if self.within else nullcontext():
                return self._count(cases)
        except (OperationalError, TimeoutError):
            if self.within is None:
                raise
            return None

    def _count(self, cases: Sequence[tuple[Values, datetime]]) -> list[Counted]:
        stages, files = [], []
        for values, moment in cases:
            with assuming(values):
                stages.append(backlog.counted_stages(self.job, moment, has_holds=False))
                files.append(acting_file_stages(self.job, moment))
        rows = count_due(self.job, stages, has_holds=self.has_holds)
        by_stage = [self._survey(stages, [values for values, _ in cases]) for stages in zip(*files, strict=True)]
        return [Counted(rows[place], [stage[place] for stage in by_stage]) for place in range(len(cases))]

    def _survey(self, stages: Sequence[FileStage[Any]], values: Sequence[Values]) -> list[Survey]:
        ends_at = time.monotonic() + self.within.total_seconds() if self.within else float("inf")
        return surveys(stages[0], [partial(_due, *pair, ends_at) for pair in zip(stages, values, strict=True)])


def _due(stage: FileStage[Any], values: Values, ends_at: float, names: Sequence[str]) -> DueFiles[Any]:
    if time.monotonic() > ends_at:
        raise TimeoutError
    with assuming(values):
        return stage.due(names)


def acting_file_stages(job: Job, now: datetime) -> list[FileStage[Any]]:
    """Return the stages over files whose files a run without options counts as due."""
    return [stage for stage in job.file_stages(now, ()) if stage.process]


def _read_by(job: Job, values: Values, now: datetime) -> list[str]:
    """Return those of the settings that a job reads to find out what is due."""
    with assuming(values) as read, suppress(InvalidRetention):
        job.stages(now)
        job.file_stages(now, ())
    return [setting for setting in values if setting in read]


def _change(setting: str, values: Values) -> Change:
    limit = registry.age_limits()[setting]
    with assuming(values):
        assumed = str(limit)
    return Change(setting, str(limit), assumed, values[setting].strip())


def _outlook(job: Job, read: list[str], values: Values, now: datetime, counter: Counter) -> JobOutlook:
    present, assumed = counter.count([({}, now), (values, now)]) or (None, None)
    guard, rates = volume_guard.most_allowed(job), past_rates(job.name)
    outlook = partial(_outlook_of, job, now, guard, rates)
    return JobOutlook(
        job=job.name,
        settings=read,
        guard=guard,
        present=outlook(present) if present else None,
        assumed=outlook(assumed) if assumed else None,
        days=_days(values, now, counter.count) if present else None,
        runs=_runs(job),
    )


def _outlook_of(job: Job, now: datetime, guard: int | None, rates: Sequence[float], counted: Counted) -> Outlook:
    is_guarded = [stage.is_guarded for stage in acting_file_stages(job, now)]
    shares = [volume_guard.is_large_share(found.due, found.total) for found in counted.files]
    is_stopped = guard is not None and counted.rows > guard
    has_large_share = any(guarded and large for guarded, large in zip(is_guarded, shares, strict=True))
    return Outlook(counted.due, is_stopped or has_large_share, time_by_past(counted.due, rates))


def _days(values: Values, now: datetime, count: Callable[..., list[Counted] | None]) -> list[Day] | None:
    """Return what comes due each day. No run is assumed: what one would process has come due before."""
    moments = [now + timedelta(days=number) for number in range(DAYS + 1)]
    counted = count([(one, moment) for one in ({}, values) for moment in moments])
    if counted is None:
        return None
    present, assumed = _increases(counted[: DAYS + 1]), _increases(counted[DAYS + 1 :])
    return [Day(*line) for line in zip(moments[1:], present, assumed, strict=True)]


def _increases(counted: Sequence[Counted]) -> list[int]:
    """Return by how much the number due grows from each moment to the next; some things are due for a time only."""
    return [max(0, later.due - earlier.due) for earlier, later in pairwise(counted)]


def _runs(job: Job) -> list[PastRun]:
    """Return the last real runs that counted what was due, the latest first."""
    counted = get_history(job.name).filter(dry_run=False, items_due__isnull=False)
    runs = counted.only("id", "started_at", "status", "items_due", "items_done")[:RUNS]
    return [PastRun(run.pk, run.started_at, run.status, run.items_due or 0, run.items_done) for run in runs]

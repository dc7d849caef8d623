"""The progress of a run: items, rate and remaining time. The result of a run has the same figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from maintenance.models import JobRun
from maintenance.reporting.rates import time_by, time_by_past

WARMED_UP = timedelta(seconds=5)
"""A run's own rate counts after this time."""


@dataclass(frozen=True)
class Progress:
    """`rate` is in items per second; `remaining` is the shortest and the longest time.

    A run that succeeded has left nothing: `gone` of the items that were due at its start were no longer due.
    """

    done: int
    due: int | None
    percent: int | None
    rate: float | None
    remaining: tuple[timedelta, timedelta] | None
    gone: int = 0


def progress_of(run: JobRun, now: datetime, past: Sequence[float]) -> Progress:
    """Return the progress of a run at `now`; `past` are the rates of earlier runs."""
    done, due = accounted(run), run.items_due
    elapsed = (run.finished_at or now) - run.started_at if run.started_at else timedelta(0)
    rate = done / elapsed.total_seconds() if done and elapsed > timedelta(0) else None
    if run.status == JobRun.Status.SUCCEEDED:
        return Progress(done, due, 100, rate, None, gone=max(0, (due or 0) - done))
    percent = None if due is None else min(100, 100 * done // due) if due else 100
    left = max(0, due - done) if due is not None else None
    remaining = None
    if run.status == JobRun.Status.RUNNING and left:
        remaining = time_by(left, [rate]) if rate and elapsed > WARMED_UP else time_by_past(left, past)
    return Progress(done, due, percent, rate, remaining)


def accounted(run: JobRun) -> int:
    """Return the number of items that were processed, unchanged or failed."""
    counts = run.details.get("counts", {})
    return run.items_done + int(counts.get("unchanged", 0)) + int(counts.get("failed", 0))

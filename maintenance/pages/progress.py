"""How far a run is, how fast, and how long it may take."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from maintenance.models import JobRun

FEWEST_RATES = 2
"""A range needs at least so many past runs."""
WARMED_UP = timedelta(seconds=5)
"""Before that, a run's own rate says little."""


@dataclass(frozen=True)
class Progress:
    """`rate` is items a second; `remaining` the shortest and the longest time, going by past runs."""

    done: int
    due: int | None
    percent: int | None
    rate: float | None
    remaining: tuple[timedelta, timedelta] | None


def progress_of(run: JobRun, now: datetime, past: Sequence[float]) -> Progress:
    """Return how far a run is at `now`; `past` are the rates of earlier runs."""
    done, due = accounted(run), run.items_due
    elapsed = (run.finished_at or now) - run.started_at if run.started_at else timedelta(0)
    rate = done / elapsed.total_seconds() if done and elapsed > timedelta(0) else None
    percent = None if due is None else min(100, 100 * done // due) if due else 100
    left = max(0, due - done) if due is not None else None
    rates = [*past, rate] if rate and elapsed > WARMED_UP else list(past)
    remaining = None
    if run.status == JobRun.Status.RUNNING and left and len(past) >= FEWEST_RATES:
        remaining = (timedelta(seconds=left / max(rates)), timedelta(seconds=left / min(rates)))
    return Progress(done, due, percent, rate, remaining)


def accounted(run: JobRun) -> int:
    """Return how many items have been dealt with, in whatever way."""
    counts = run.details.get("counts", {})
    return run.items_done + int(counts.get("unchanged", 0)) + int(counts.get("failed", 0))

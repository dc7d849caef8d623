"""The rates of past runs, and how long items take by them."""

from collections.abc import Sequence
from datetime import timedelta

from maintenance.reporting.status import get_history

FEWEST = 2
"""A range of time by past runs needs this number of them."""
COMPARED = 20
Range = tuple[timedelta, timedelta]
"""The shortest and the longest time."""


def past_rates(name: str) -> list[float]:
    """Return the rates of the last runs of a job, in items per second; runs without items have none."""
    ended = get_history(name).filter(dry_run=False, items_done__gt=0, finished_at__isnull=False)
    runs = ended.only("id", "started_at", "finished_at", "items_done")[:COMPARED]
    lengths = [(run.items_done, run.duration) for run in runs]
    return [done / length.total_seconds() for done, length in lengths if length and length.total_seconds() > 0]


def time_by_past(items: int, rates: Sequence[float]) -> Range | None:
    """Return the time that items take by the rates of past runs; `None` where those are too few."""
    return time_by(items, rates) if len(rates) >= FEWEST else None


def time_by(items: int, rates: Sequence[float]) -> Range | None:
    """Return the time that items take by some rates; `None` without one."""
    return (timedelta(seconds=items / max(rates)), timedelta(seconds=items / min(rates))) if rates else None

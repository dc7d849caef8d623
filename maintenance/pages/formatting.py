"""Figures and moments of runs as the pages show them. Times and durations: see `maintenance.core.time_text`."""

from datetime import datetime

from maintenance.models import JobRun

DASH = "–"
"""Shown where there is no value."""


def figure(number: int | None) -> str:
    """Return a number with separators of thousands."""
    return DASH if number is None else f"{number:,}"


def listed_at(run: JobRun) -> datetime:
    """Return the time under which a run is listed: its start, or its request where it has not started."""
    return run.started_at or run.queued_at

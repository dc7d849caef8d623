"""Pacing: how long a run pauses after a batch, so that each job takes the same share of the database.

The share is a duty cycle, `MAINTENANCE_DUTY_CYCLE`. No pause is longer than `MAINTENANCE_BATCH_PAUSE`.
"""

from maintenance.conf import settings


def has_pauses() -> bool:
    """Tell whether a run pauses at all between two batches."""
    return settings.MAINTENANCE_BATCH_PAUSE > 0 and settings.MAINTENANCE_DUTY_CYCLE < 1


def pause_after(seconds: float, in_advance: float = 0.0) -> float:
    """Return the seconds of the pause after a batch that took `seconds`.

    `in_advance` is work for the batch that was done in the pause before it: it takes part of a pause, and of the share.
    """
    share, longest = settings.MAINTENANCE_DUTY_CYCLE, settings.MAINTENANCE_BATCH_PAUSE
    if not share:
        return longest
    return min(longest, (seconds + in_advance) / share - seconds)

"""The options of a run: one value that goes from `run_now` to the loop over the batches."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from maintenance.engine.cancellation import CancellationToken

Progress = Callable[[int, int], None]
"""Called after each batch with the number of units that have an outcome, and of units that were due."""


def no_progress(_done: int, _due: int) -> None:
    """Report no progress."""


@dataclass(frozen=True)
class RunOptions:
    """The choices of a run's caller.

    `token` stops the run. `confirm_count` is the number due up to which an operator releases the volume guard. Cutoffs
    count from `now`, which is the database's time unless given. `job_options` are names of the job's own options.
    """

    token: CancellationToken = field(default_factory=CancellationToken)
    progress: Progress = no_progress
    confirm_count: int | None = None
    now: datetime | None = None
    job_options: frozenset[str] = frozenset()

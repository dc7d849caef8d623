"""What several looks need to know, read when the first of them asks, and then once for all."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import Case, Q, When

from maintenance.core.clock import database_now
from maintenance.core.states import UNFINISHED
from maintenance.engine import lease
from maintenance.models import Canary, JobRun, Pause
from maintenance.reporting import queue_state, status
from maintenance.reporting.queue_state import QueueState, holds_a_worker
from maintenance.reporting.status import JobStatistics


@dataclass(frozen=True)
class Unfinished:
    """A run that waits or runs."""

    run: JobRun
    is_lost: bool
    holds_a_worker: bool


class Facts:
    """How things stand at one moment. Make one for each examination and each page."""

    @cached_property
    def now(self) -> datetime:
        return database_now()

    @cached_property
    def unfinished(self) -> list[Unfinished]:
        """What waits or runs, the latest first, and what the database says of it by its own clock."""
        runs = status.get_history().filter(status__in=UNFINISHED).defer("error")
        return [
            Unfinished(run, run.is_lost, run.holds_a_worker)
            for run in runs.annotate(is_lost=_whether(lease.is_lost()), holds_a_worker=_whether(holds_a_worker()))
        ]

    @cached_property
    def queue(self) -> QueueState:
        return queue_state.get(sum(one.holds_a_worker for one in self.unfinished))

    @cached_property
    def canary(self) -> Canary:
        return Canary.objects.first() or Canary()

    @cached_property
    def statistics(self) -> JobStatistics:
        return status.get_status()

    @cached_property
    def pause(self) -> Pause | None:
        return status.get_pause()


def _whether(condition: Q) -> Case:
    return Case(When(condition, then=True), default=False)  # unlike the bare condition, it is never null

"""What several health checks and pages read: each value is read once, when it is first used."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import Case, Q, When

from maintenance.core.clock import database_now
from maintenance.core.states import UNFINISHED
from maintenance.engine import lease, pauses
from maintenance.models import Canary, JobRun, Pause
from maintenance.reporting import queue_state, status
from maintenance.reporting.queue_state import QueueState, holds_a_worker
from maintenance.reporting.status import JobStatistics


@dataclass(frozen=True)
class UnfinishedRun:
    """A queued or running run, with two conditions that the database evaluated."""

    run: JobRun
    is_lost: bool
    holds_a_worker: bool


class HealthContext:
    """The state of jobs, queue and runs at one moment. Each health report and each page makes one."""

    @cached_property
    def now(self) -> datetime:
        """The time of the database."""
        return database_now()

    @cached_property
    def unfinished(self) -> list[UnfinishedRun]:
        """The queued and running runs, the latest first. The database compares their times with its own clock."""
        runs = status.get_history().filter(status__in=UNFINISHED).defer("error")
        return [
            UnfinishedRun(run, run.is_lost, run.holds_a_worker)
            for run in runs.annotate(is_lost=_whether(lease.is_lost()), holds_a_worker=_whether(holds_a_worker()))
        ]

    @cached_property
    def queue(self) -> QueueState:
        return queue_state.get(sum(unfinished.holds_a_worker for unfinished in self.unfinished))

    @cached_property
    def canary(self) -> Canary:
        return Canary.objects.first() or Canary()

    @cached_property
    def statistics(self) -> JobStatistics:
        return status.get_status(self._all_pauses)

    @cached_property
    def _all_pauses(self) -> list[Pause]:
        """The pauses, that of all jobs first, with those whose end has passed: the schedules still know them."""
        return list(Pause.objects.select_related("paused_by").order_by("job"))

    @cached_property
    def pauses(self) -> list[Pause]:
        """The active pauses, that of all jobs first."""
        return [pause for pause in self._all_pauses if pauses.is_active(pause, self.now)]

    @property
    def pause(self) -> Pause | None:
        """The pause of all jobs."""
        return next((pause for pause in self.pauses if pause.job == pauses.ALL_JOBS), None)


def _whether(condition: Q) -> Case:
    return Case(When(condition, then=True), default=False)  # unlike the bare condition, it is never null

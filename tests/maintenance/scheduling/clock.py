"""A clock of host and database that a test moves, and what the cluster does at each of its passes."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import time_machine
from django.db.models import DateTimeField, Value
from django_q.models import OrmQ

from maintenance.engine import pauses as active_pauses
from maintenance.models import JobRun
from maintenance.reporting import status
from maintenance.scheduling import missed_runs, pauses, recovery, schedules, validity
from tests.maintenance.scheduling.rows import JOB

Status, Trigger = JobRun.Status, JobRun.Trigger
START = datetime(2031, 5, 1, 1, 0, tzinfo=UTC)
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
HALF_PAST_TWO = START + 90 * MINUTE
"""The next time of `JOB`."""


class Clock:
    """The clocks of host and database, which a test moves."""

    now = START

    def move(self, to):
        self.now = to
        self._host.move_to(to)


@contextmanager
def moved_clock(monkeypatch):
    made = Clock()
    for module in (pauses, missed_runs, schedules, recovery):
        monkeypatch.setattr(module, "database_now", lambda: made.now)
    for module in (pauses, active_pauses, status):
        monkeypatch.setattr(module, "Now", lambda: Value(made.now, DateTimeField()))
    monkeypatch.setattr("django_q.scheduler.close_old_django_connections", lambda: None)
    with time_machine.travel(START, tick=False) as made._host:
        schedules.ours().delete()
        schedules.synchronise()
        yield made


def work():
    """Do what the cluster does at each of its passes."""
    pauses.end_expired()
    missed_runs.record_missed()
    validity.fire_due()


def slots_fired():
    return [task.kwargs()["slot"] for task in OrmQ.objects.order_by("pk") if task.args() == (JOB,)]


def missed():
    return list(JobRun.objects.filter(job=JOB, status=Status.MISSED).order_by("pk"))

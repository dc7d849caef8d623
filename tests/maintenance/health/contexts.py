"""States of the program in which the health checks are tried."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from django.db.models.functions import Now

from maintenance.models import Canary, JobRun
from maintenance.reporting.queue_state import QueueState

NOW = datetime(2026, 6, 1, 4, 30, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
JOB = "cleanup-push-tokens"
UP = QueueState(waiting=0, oldest=None, clusters=1, workers=2, busy_workers=0)
BUSY = QueueState(waiting=3, oldest=None, clusters=1, workers=2, busy_workers=2)
DOWN = QueueState(waiting=0, oldest=None, clusters=0, workers=0, busy_workers=0)


def context(**values):
    """A context in which all is in order, but for `values`."""
    usual = {"now": NOW, "queue": UP, "canary": Canary(), "unfinished": [], "pauses": []}
    return SimpleNamespace(**{**usual, **values})


def codes(probe, made):
    return [(result.code, result.level.value) for result in probe(made)]


def start_run(job=JOB, **fields):
    run = JobRun.objects.create(
        **{"job": job, "trigger": "schedule", "status": "running", "started_at": Now(), **fields}
    )
    JobRun.objects.filter(pk=run.pk).update(heartbeat_at=Now())
    return run

"""Totals of all runs of a job: those in the history, and those pruned from it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, DurationField, ExpressionWrapper, F, QuerySet, Sum
from django.db.models.functions import Coalesce

from maintenance.core.database import advisory_lock
from maintenance.core.states import UNFINISHED
from maintenance.models import JobRun, RunTotal

LOCK = "maintenance.reporting.totals"
NONE_YET = timedelta(0)
DURATION = ExpressionWrapper(F("finished_at") - F("started_at"), output_field=DurationField())


@dataclass(frozen=True)
class Total:
    """Figures of all real runs of one job that ended with one status."""

    job: str
    status: str
    runs: int
    items: int
    duration: timedelta


def totals() -> list[Total]:
    """Return the total of each job and status, the pruned runs included. No figure ever decreases.

    One statement reads history and pruned runs, so that a concurrent pruning is seen on both sides or on neither.
    """
    finished = JobRun.objects.filter(dry_run=False).exclude(status__in=UNFINISHED)
    pruned = RunTotal.objects.order_by().values_list("job", "status", "runs", "items", "duration")
    sums: dict[tuple[str, str], Total] = {}
    for job, status, runs, items, duration in _summed(finished).union(pruned, all=True):
        before = sums.get((job, status), Total(job, status, 0, 0, NONE_YET))
        sums[job, status] = Total(job, status, before.runs + runs, before.items + items, before.duration + duration)
    return sorted(sums.values(), key=lambda total: (total.job, total.status))


def prune(runs: QuerySet[JobRun]) -> int:
    """Move finished runs from the history to the totals, in the caller's transaction; return how many."""
    advisory_lock(LOCK)
    ids = list(runs.select_for_update().values_list("pk", flat=True))
    batch = JobRun.objects.filter(pk__in=ids)
    for job, status, number, items, duration in _summed(batch.filter(dry_run=False)):
        total, _ = RunTotal.objects.get_or_create(job=job, status=status)
        RunTotal.objects.filter(pk=total.pk).update(
            runs=F("runs") + number, items=F("items") + items, duration=F("duration") + duration
        )
    batch.delete()
    return len(ids)


def _summed(runs: QuerySet[JobRun]) -> "QuerySet[JobRun, Any]":
    return (
        runs.order_by()
        .values("job", "status")
        .annotate(
            runs=Count("pk"),
            items=Sum("items_done"),
            time=Coalesce(Sum(DURATION), NONE_YET, output_field=DurationField()),
        )
        .values_list("job", "status", "runs", "items", "time")
    )

"""Totals of all runs. They do not change when the history is pruned.

A finished run is in the history, and once `add` has added it, in the totals as well: `RunTotal` has the sums of all
times, which the metrics show, and `DailyTotal` those of each day, for reports. `JobRun.is_totalled` says which runs are
added, so that whoever wants a sum reads the totals and the few runs that are in none yet.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import Any

from django.db.models import (
    Count,
    DateField,
    DurationField,
    ExpressionWrapper,
    F,
    PositiveBigIntegerField,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce, Greatest, TruncDate

from maintenance.core.array_lookup import in_array
from maintenance.core.database import advisory_lock
from maintenance.core.states import UNFINISHED
from maintenance.models import JobRun
from maintenance.reporting.figures import Figures, figures_of
from maintenance.total_models import DailyTotal, RunTotal

LOCK = "maintenance.reporting.totals"
NONE_YET = timedelta(0)
DURATION = Greatest(
    ExpressionWrapper(F("finished_at") - F("started_at"), output_field=DurationField()),
    Value(NONE_YET, output_field=DurationField()),
)
"""As `JobRun.duration`: zero where a clock was put back."""
DAY = TruncDate(Coalesce("finished_at", "started_at", "queued_at"), tzinfo=UTC, output_field=DateField())
"""The day on which a run ended: what is said of a day that is over does not change any more."""

Key = tuple[str, str, date]


@dataclass(frozen=True)
class Total:
    """Figures of all real runs of one job that ended with one status."""

    job: str
    status: str
    runs: int
    items: int
    duration: timedelta


def not_totalled() -> QuerySet[JobRun]:
    """Return the finished real runs that are in no total yet."""
    return JobRun.objects.filter(dry_run=False, is_totalled=False).exclude(status__in=UNFINISHED)


def totals() -> list[Total]:
    """Return the total of each job and status, the pruned runs included. No figure ever decreases.

    One statement reads totals and runs, so that a run that is added meanwhile is seen on one of the two sides.
    """
    added = RunTotal.objects.order_by().values_list("job", "status", "runs", "items", "duration")
    sums: dict[tuple[str, str], Total] = {}
    for job, status, runs, items, duration in _summed(not_totalled()).union(added, all=True):
        before = sums.get((job, status), Total(job, status, 0, 0, NONE_YET))
        sums[job, status] = Total(job, status, before.runs + runs, before.items + items, before.duration + duration)
    return sorted(sums.values(), key=lambda total: (total.job, total.status))


def add(runs: QuerySet[JobRun]) -> int:
    """Add finished runs to the totals, in the caller's transaction; return how many were in none yet."""
    advisory_lock(LOCK)
    new = runs.filter(dry_run=False, is_totalled=False).exclude(status__in=UNFINISHED)
    ids = list(new.select_for_update().values_list("pk", flat=True))
    batch = JobRun.objects.filter(in_array(ids))
    for job, status, number, items, duration in _summed(batch):
        total, _ = RunTotal.objects.get_or_create(job=job, status=status)
        RunTotal.objects.filter(pk=total.pk).update(
            runs=F("runs") + number, items=F("items") + items, duration=F("duration") + duration
        )
    for (job, status, day), figures in _by_day(daily_rows(batch)).items():
        _add_to_day(job, status, day, figures)
    batch.update(is_totalled=True)
    return len(ids)


def prune(runs: QuerySet[JobRun]) -> int:
    """Delete finished runs, which the totals keep, in the caller's transaction; return how many."""
    advisory_lock(LOCK)
    ids = list(runs.select_for_update().values_list("pk", flat=True))
    batch = JobRun.objects.filter(in_array(ids))
    add(batch)
    batch.delete()
    return len(ids)


def daily_rows(runs: QuerySet[JobRun], days: tuple[date, date] | None = None) -> "QuerySet[JobRun, Any]":
    """Return runs as rows: job, status, day, and the arguments of `figures_of`; `days` are the first and the last."""
    named = runs.order_by().annotate(day=DAY, number=Value(1, output_field=PositiveBigIntegerField()), time=DURATION)
    chosen = named.filter(day__gte=days[0], day__lte=days[1]) if days else named
    return chosen.values_list("job", "status", "day", "number", "items_due", "items_done", "time", "details")


def _by_day(rows: Iterable[tuple[Any, ...]]) -> dict[Key, Figures]:
    sums: dict[Key, Figures] = {}
    for job, status, day, *values in rows:
        sums[job, status, day] = sums.get((job, status, day), Figures()) + figures_of(status, *values)
    return sums


def _add_to_day(job: str, status: str, day: date, figures: Figures) -> None:
    row, _ = DailyTotal.objects.get_or_create(job=job, status=status, day=day)
    total = figures + figures_of(status, row.runs, row.items_due, row.items_done, row.duration, row.details)
    row.runs, row.items_due, row.items_done = total.runs, total.units.due, total.units.done
    row.duration, row.details = total.duration, total.details()
    row.save()


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

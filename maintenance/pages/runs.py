"""Queries of the pages on the history. Each function takes one or two, however long the history is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import Count, Max, Min, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce

from maintenance.core.array_lookup import in_query
from maintenance.core.states import UNFINISHED, Status
from maintenance.models import JobRun
from maintenance.reporting.status import get_history

BAR_FIELDS = ("id", "job", "status", "queued_at", "started_at", "finished_at", "items_due", "items_done")
MOST_DIGITS = 19
"""The largest key of the database has this number of digits."""
PARTIAL_RUNS_READ = 50
"""Partially failed runs whose failed items are grouped."""


def numbered(text: str) -> JobRun | None:
    """Return the run whose number a text is, with the accounts that it names; `None` where there is none."""
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        return None
    return JobRun.objects.select_related("requested_by", "cancel_requested_by").filter(pk=int(text)).first()


def latest(names: Iterable[str], count: int) -> dict[str, list[JobRun]]:
    """Return the last `count` real runs of each job, the latest last, without details and errors."""
    parts = [_latest_of(name, count) for name in names]
    if not parts:
        return {}
    runs = sorted(parts[0].union(*parts[1:], all=True), key=lambda run: (run.job, run.pk))
    return {name: list(group) for name, group in groupby(runs, key=lambda run: run.job)}


def _latest_of(name: str, count: int) -> QuerySet[JobRun]:
    # The limit stands in a subquery, because SQLite allows none in the parts of a union.
    ids = get_history(name).filter(dry_run=False).values("pk")[:count]
    return JobRun.objects.filter(in_query(ids)).order_by().only(*BAR_FIELDS)


def unfinished() -> list[JobRun]:
    """Return the queued and running runs, the latest first, dry runs included."""
    return list(get_history().filter(status__in=UNFINISHED).defer("error"))


def neighbours(run: JobRun) -> tuple[JobRun | None, JobRun | None]:
    """Return the runs of the same job before and after `run`."""
    runs = get_history(run.job).only(*BAR_FIELDS)
    return runs.filter(pk__lt=run.pk).first(), runs.filter(pk__gt=run.pk).order_by("pk").first()


@dataclass(frozen=True)
class Failures:
    """Runs, or items of runs, that failed with the same error; `last_run` is the id of the latest."""

    error: str
    state: str
    count: int
    first: datetime
    last: datetime
    last_run: int


def failures(name: str) -> list[Failures]:
    """Return the errors in a job's history, the latest first."""
    return sorted([*_failed_runs(name), *_failed_items(name)], key=lambda group: group.last, reverse=True)


def _failed_runs(name: str) -> Iterable[Failures]:
    at = Coalesce("finished_at", "queued_at")
    groups = (
        JobRun.objects.filter(job=name, status__in=[Status.FAILED, Status.CRASHED])
        .order_by()
        .annotate(error_class=KT("error__error"), sqlstate=KT("error__sqlstate"), constraint=KT("error__constraint"))
        .values("status", "error_class", "sqlstate", "constraint")
        .annotate(count=Count("pk"), first=Min(at), last=Max(at), last_run=Max("pk"))
    )
    for group in groups:
        yield Failures(
            error=error_of(group),
            state=group["status"],
            **{key: group[key] for key in ("count", "first", "last", "last_run")},
        )


def _failed_items(name: str) -> Iterable[Failures]:
    """Group the failed items of the last partially failed runs; each run stores the first few."""
    partial = get_history(name).filter(status=Status.PARTIAL).only("id", "details", "finished_at", "queued_at")
    found: dict[str, list[tuple[datetime, int]]] = {}
    for run in partial[:PARTIAL_RUNS_READ]:
        for error in run.details.get("errors", []):
            found.setdefault(cause_of(error), []).append((run.finished_at or run.queued_at, run.pk))
    for cause, places in found.items():
        yield Failures(cause, Status.PARTIAL, len(places), min(places)[0], max(places)[0], max(places)[1])


def error_of(group: Mapping[str, Any]) -> str:
    """Return the class, SQLSTATE and constraint of a group of failed runs."""
    words = [(group["error_class"] or "").rpartition(".")[2], group["sqlstate"], group["constraint"]]
    return " ".join(word for word in words if word)


def cause_of(error: Any) -> str:
    """Return the cause of a failed item, as a run stores it."""
    return str(error.get("error", "")) if isinstance(error, dict) else ""

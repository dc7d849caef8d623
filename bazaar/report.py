"""What a report for a period says about deletion requests: ids, dates and numbers, and no person."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import median

from django.utils.translation import gettext as _

from bazaar.models import DeletionRequest
from maintenance.api import Figure, Section

ON_TIME = timedelta(days=1)
"""A request that ends within this time after its date is on time: the job runs once a day."""


def sections_of(since: datetime, until: datetime) -> list[Section]:
    """Return the section on erasures: the requests that ended in the period, with the days from request to end."""
    ended = DeletionRequest.objects.carried_out().filter(completed_at__gte=since, completed_at__lt=until)
    requests = list(ended.order_by("completed_at", "pk"))
    columns = {
        "request": _("Request"),
        "mode": _("Mode"),
        "outcome": _("Outcome"),
        "requested": _("Requested"),
        "promised": _("Promised"),
        "ended": _("Ended"),
        "days": _("Days"),
        "on_time": _("On time"),
    }
    rows = [_row(request) for request in requests]
    return [Section("erasure", _("Erasures"), columns, rows, list(_figures(requests, since, until)))]


def days_of(request: DeletionRequest) -> int:
    """Return the whole days from a request to its end."""
    return (request.completed_at - request.requested_at).days if request.completed_at else 0


def is_on_time(request: DeletionRequest) -> bool:
    return bool(request.completed_at and request.completed_at <= request.scheduled_for + ON_TIME)


def _row(request: DeletionRequest) -> dict[str, str | int | float | None]:
    return {
        "request": request.pk,
        "mode": str(request.evidence.get("mode", "")) if isinstance(request.evidence, dict) else "",
        "outcome": str(request.status),
        "requested": _day(request.requested_at),
        "promised": _day(request.scheduled_for),
        "ended": _day(request.completed_at),
        "days": days_of(request),
        "on_time": "yes" if is_on_time(request) else "no",
    }


def _figures(ended: list[DeletionRequest], since: datetime, until: datetime) -> Iterator[Figure]:
    days = [days_of(request) for request in ended]
    every = DeletionRequest.objects.all()
    made, cancelled = (
        every.filter(**{f"{column}__gte": since, f"{column}__lt": until}).count()
        for column in ("requested_at", "cancelled_at")
    )
    yield Figure("requested", _("Requests made"), made)
    yield Figure("cancelled", _("Requests cancelled"), cancelled)
    yield Figure("erased", _("Erasures"), len(ended))
    yield Figure("unproven", _("Cannot be proven"), sum(one.status == DeletionRequest.Status.UNPROVEN for one in ended))
    yield Figure("late", _("Erasures after the promised date"), sum(not is_on_time(one) for one in ended))
    yield Figure("median_days", _("Days from request to end, median"), median(days) if days else None)
    yield Figure("most_days", _("Days from request to end, most"), max(days, default=None))


def _day(moment: datetime | None) -> str:
    return moment.astimezone(UTC).date().isoformat() if moment else ""

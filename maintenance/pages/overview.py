"""The first page of the admin, and the page of the cluster."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_q.models import Schedule

from maintenance.core import registry
from maintenance.core.states import Status
from maintenance.health import snapshot
from maintenance.health.context import HealthContext
from maintenance.models import ClusterHeartbeat, JobRun
from maintenance.pages import timeline, views
from maintenance.pages.access import VIEW, Rights, needs
from maintenance.pages.check_results import summary_of
from maintenance.pages.updates import light
from maintenance.reporting.queue_state import HEARTBEAT_WITHIN
from maintenance.scheduling import schedules, validity

WEEK = timedelta(days=7)


@dataclass
class Activity:
    """The work of one job in a period: number of runs by state, and of items."""

    job: str
    is_known: bool = False
    runs: int = 0
    items: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The first page of the admin as Django makes it, compressed; an update of it gets the parts that have changed."""
    response = admin.site.index(request)
    response.add_post_render_callback(partial(light, request))
    return response


def first_page(user: Any) -> dict[str, Any]:
    """Return the context of the first page."""
    health = HealthContext()
    now, statistics = health.now, health.statistics
    upcoming = timeline.upcoming(statistics.jobs, now)
    week = activity_since(now - WEEK)
    return {
        "now": now,
        "rights": Rights.of(user),
        "statistics": statistics,
        "health": summary_of(snapshot.page_report(health), health),
        "pause": health.pause,
        "unfinished": [unfinished.run for unfinished in health.unfinished],
        "upcoming": upcoming,
        "timeline": timeline.draw(upcoming, now),
        "week": week,
        "total": _total(week),
        "every": views.BUSY if health.unfinished else views.IDLE,
    }


def activity_since(moment: datetime) -> list[Activity]:
    """Return the real runs requested since `moment`, by job, in the order of the jobs; one query."""
    counted = (
        JobRun.objects.filter(queued_at__gte=moment, dry_run=False)
        .order_by()
        .values_list("job", "status")
        .annotate(runs=Count("pk"), items=Sum("items_done"))
    )
    activities = {name: Activity(name, is_known=True) for name in registry.names()}
    for job, status, number, items in counted:
        activity = activities.setdefault(job, Activity(job))
        activity.runs, activity.items = activity.runs + number, activity.items + items
        activity.outcomes[status] = number
    return [_in_order(activity) for activity in activities.values() if activity.runs]


def _total(week: list[Activity]) -> Activity:
    total = Activity("")
    for activity in week:
        total.runs, total.items = total.runs + activity.runs, total.items + activity.items
        for status, number in activity.outcomes.items():
            total.outcomes[status] = total.outcomes.get(status, 0) + number
    return _in_order(total)


def _in_order(activity: Activity) -> Activity:
    outcomes = activity.outcomes
    activity.outcomes = {status: outcomes[status] for status in Status if status in outcomes}
    return activity


@dataclass(frozen=True)
class Row:
    """A schedule as the queue stores it. A foreign one has no name here, because its name is free text."""

    id: int
    job: str
    cron: str
    next_run: datetime | None
    is_enabled: bool
    problem: str


def stored_schedules() -> list[Row]:
    """Return the queue's schedules, those of the jobs first."""
    rows = [_row(row) for row in Schedule.objects.order_by("next_run", "pk")]
    return sorted(rows, key=lambda row: not row.job)


def _row(row: Schedule) -> Row:
    return Row(
        id=row.pk,
        job=row.name if row.func == schedules.FUNCTION and row.name in registry.names() else "",
        cron=row.cron or "",
        next_run=row.next_run,
        is_enabled=row.repeats != schedules.NEVER,
        problem=validity.reason_invalid(row),
    )


@needs(VIEW)
@require_safe
def cluster(request: HttpRequest) -> HttpResponse:
    """The page of the cluster: queue, clusters, schedules and health checks."""
    health = HealthContext()
    report = snapshot.page_report(health)
    heartbeats = ClusterHeartbeat.objects.order_by("host")
    context = {
        "health": summary_of(report, health),
        "results": report.results,
        "canary": health.canary,
        "queue": health.queue,
        "clusters": [(heartbeat, heartbeat.seen_at > health.now - HEARTBEAT_WITHIN) for heartbeat in heartbeats],
        "schedules": stored_schedules(),
    }
    is_busy = bool(health.unfinished) or not report.is_healthy
    return views.page_of(request, "cluster", _("Cluster"), health.now, is_busy=is_busy, **context)

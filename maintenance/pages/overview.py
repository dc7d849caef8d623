"""The department as a whole: what the first page of the admin says of it, and the page of the cluster."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_q.models import Schedule

from maintenance.core import registry
from maintenance.core.states import Status
from maintenance.health import snapshot
from maintenance.health.context import Facts
from maintenance.models import ClusterSign, JobRun
from maintenance.pages import timeline, views
from maintenance.pages.access import VIEW, needs
from maintenance.pages.check_results import verdict_of
from maintenance.reporting.queue_state import SEEN_WITHIN
from maintenance.scheduling import schedules, validity

WEEK = timedelta(days=7)


@dataclass
class Done:
    """What one job did: how many runs ended how, and with how many items they dealt."""

    job: str
    is_known: bool = False
    runs: int = 0
    items: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)


def first_page() -> dict[str, Any]:
    """Return what whoever opens the admin has to know about the jobs."""
    facts = Facts()
    now, statistics = facts.now, facts.statistics
    coming = timeline.upcoming(statistics.jobs, now)
    week = done_since(now - WEEK)
    return {
        "now": now,
        "statistics": statistics,
        "verdict": verdict_of(snapshot.look(facts), statistics),
        "pause": facts.pause,
        "unfinished": [one.run for one in facts.unfinished],
        "coming": coming,
        "timeline": timeline.draw(coming, now),
        "week": week,
        "total": _total(week),
    }


def done_since(moment: datetime) -> list[Done]:
    """Return what each job did in real runs that were asked for since `moment`, in the order of the jobs; one query."""
    counted = (
        JobRun.objects.filter(queued_at__gte=moment, dry_run=False)
        .order_by()
        .values_list("job", "status")
        .annotate(runs=Count("pk"), items=Sum("items_done"))
    )
    found: dict[str, Done] = {name: Done(name, is_known=True) for name in _known()}
    for job, status, number, items in counted:
        done = found.setdefault(job, Done(job))
        done.runs, done.items = done.runs + number, done.items + items
        done.outcomes[status] = number
    return [_in_order(done) for done in found.values() if done.runs]


def _total(week: list[Done]) -> Done:
    total = Done("")
    for done in week:
        total.runs, total.items = total.runs + done.runs, total.items + done.items
        for status, number in done.outcomes.items():
            total.outcomes[status] = total.outcomes.get(status, 0) + number
    return _in_order(total)


def _in_order(done: Done) -> Done:
    done.outcomes = {status: done.outcomes[status] for status in Status if status in done.outcomes}
    return done


@dataclass(frozen=True)
class Row:
    """A schedule as the queue stores it. A foreign one is told by its number: its name is anybody's free text."""

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
        job=row.name if row.func == schedules.FUNCTION and row.name in _known() else "",
        cron=row.cron or "",
        next_run=row.next_run,
        is_enabled=row.repeats != schedules.NEVER,
        problem=validity.reason_invalid(row),
    )


def _known() -> list[str]:
    return [*(job.name for job in registry.all_jobs()), *registry.broken()]


@needs(VIEW)
@require_safe
def cluster(request: HttpRequest) -> HttpResponse:
    """What runs the jobs: clusters, queue and schedules, and all that the doctor says."""
    facts = Facts()
    look = snapshot.look(facts)
    context = {
        "verdict": verdict_of(look, facts.statistics),
        "report": look.verdicts,
        "canary": facts.canary,
        "queue": facts.queue,
        "clusters": [(sign, sign.seen_at > facts.now - SEEN_WITHIN) for sign in ClusterSign.objects.order_by("host")],
        "schedules": stored_schedules(),
    }
    is_busy = bool(facts.unfinished) or not look.is_well
    return views.page_of(request, "cluster", _("Cluster"), facts.now, is_busy=is_busy, **context)

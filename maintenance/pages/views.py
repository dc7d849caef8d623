"""The pages themselves. Looking changes nothing."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from maintenance.core import registry
from maintenance.core.clock import database_now
from maintenance.core.states import UNFINISHED
from maintenance.engine.lease import is_silent, lease_time
from maintenance.health import snapshot
from maintenance.health.context import Facts
from maintenance.models import JobRun
from maintenance.pages import cards, history, plans, runs
from maintenance.pages.access import VIEW, Rights, needs
from maintenance.pages.charts import Chart, draw
from maintenance.pages.check_results import verdict_of
from maintenance.pages.definition import definition_of
from maintenance.pages.details import rows_of
from maintenance.pages.legend import legend
from maintenance.pages.progress import progress_of
from maintenance.reporting import cached_backlog
from maintenance.reporting.status import get_history, get_pause, get_status

BUSY, IDLE = 2, 30
"""Seconds between two looks of the live script: while something runs or waits, and otherwise."""
MOST_DIGITS = 19
"""Of a key: the database's integers have no more."""
RUNS_A_PAGE = 25
RUNS_DRAWN = 60


@needs(VIEW)
def jobs(request: HttpRequest) -> HttpResponse:
    """All jobs at a glance."""
    facts = Facts()
    now, statistics = facts.now, facts.statistics
    unfinished = [one.run for one in facts.unfinished]
    names = [status.name for status in statistics.jobs]
    latest = runs.latest(names, cards.RUNS_DRAWN)
    due = cached_backlog.read(now)
    context = {
        "statistics": statistics,
        "verdict": verdict_of(snapshot.look(facts), statistics),
        "pause": facts.pause,
        "cards": [cards.card_of(status, latest.get(status.name, []), unfinished, due) for status in statistics.jobs],
        "legend": legend(),
        "backlog": due,
    }
    return page_of(request, "jobs", _("Jobs"), now, is_busy=bool(unfinished), **context)


@needs(VIEW)
def job(request: HttpRequest, name: str) -> HttpResponse:
    """One job: what it is, what it did, and what went wrong."""
    now, statistics, pause = database_now(), get_status(), get_pause()
    status = next((status for status in statistics.jobs if status.name == name), None)
    if status is None:
        raise Http404
    unfinished = [run for run in runs.unfinished() if run.job == name]
    latest = runs.latest([name], RUNS_DRAWN).get(name, [])
    due = cached_backlog.read(now)
    form = history.HistoryFilter(request.GET)
    page = Paginator(form.applied_to(get_history(name).defer("details", "error")), RUNS_A_PAGE)
    context = {
        "card": cards.card_of(status, latest, unfinished, due),
        "backlog": due,
        "pause": pause,
        "definition": definition_of(name, now),
        "durations": draw(_durations(), latest),
        "items": draw(_items(), latest),
        "longest": max(latest, key=_seconds, default=None),
        "most": max(latest, key=_items_done, default=None),
        "legend": legend(),
        "failures": runs.failures(name),
        "filter": form,
        "page": page.get_page(request.GET.get("page")),
    }
    return page_of(request, "job", name, now, is_busy=bool(unfinished), **context)


@needs(VIEW)
def run(request: HttpRequest, object_id: str) -> HttpResponse:
    """One run: how it is going, or what came of it."""
    found = JobRun.objects.select_related("requested_by", "cancel_requested_by")
    is_number = object_id.isascii() and object_id.isdigit() and len(object_id) <= MOST_DIGITS
    run = found.filter(pk=int(object_id)).first() if is_number else None
    if run is None:
        raise Http404
    now = database_now()
    is_on = run.status in UNFINISHED
    is_lost = is_on and is_silent(run, now)
    before, after = runs.neighbours(run)
    context = {
        "run": run,
        "is_on": is_on,
        "is_silent": is_lost,
        "lease": lease_time(),
        "before": before,
        "after": after,
        "progress": progress_of(run, _last_seen(run, now), runs.past_rates(run.job) if is_on and not is_lost else []),
        "details": rows_of(run.details),
        "errors": run.details.get("errors", []),
        "brake": None if run.dry_run else run.details.get("brake"),
        **_plan_context(run, now),
        "is_known": run.job in {job.name for job in registry.all_jobs()} | set(registry.broken()),
    }
    title = _("Dry run %(id)d of %(job)s") if run.dry_run else _("Run %(id)d of %(job)s")
    return page_of(request, "run", title % {"id": run.pk, "job": run.job}, now, is_busy=is_on, **context)


def _plan_context(run: JobRun, now: datetime) -> dict[str, Any]:
    """Return what a dry run was a plan for, or what a run's plan was."""
    follower = plans.follower_of(run) if run.dry_run else None
    offer = plans.offer_of(run, follower, now) if run.dry_run else None
    return {"comparison": plans.comparison_of(run), "follower": follower, "offer": offer}


def _last_seen(run: JobRun, now: datetime) -> datetime:
    """Return until when a run is known to have worked."""
    return run.heartbeat_at if run.heartbeat_at and is_silent(run, now) else now


def page_of(
    request: HttpRequest, template: str, title: str, now: datetime, *, is_busy: bool = False, **context: Any
) -> TemplateResponse:
    """Return a page of ours: `is_busy` tells that it has to be looked at often."""
    return TemplateResponse(
        request,
        f"maintenance/{template}.html",
        {
            **admin.site.each_context(request),
            "title": title,
            "now": now,
            "rights": Rights.of(request.user),
            "live_every": BUSY if is_busy else IDLE,
            **context,
        },
    )


def _seconds(run: JobRun) -> float:
    return run.duration.total_seconds() if run.duration else 0.0


def _items_done(run: JobRun) -> float:
    return run.items_done


def _durations() -> Chart:
    return _chart("durations", _("How long its last runs took"), _seconds)


def _items() -> Chart:
    # The runs stand in the tab order once, in the other chart.
    return _chart("items", _("How many items its last runs dealt with"), _items_done, is_in_tab_order=False)


def _chart(name: str, title: str, value: Any, *, is_in_tab_order: bool = True) -> Chart:
    words = _("The latest run is on the right, each bar leads to its run, and the list of runs below says the same.")
    return Chart(name, title, words, value, slots=RUNS_DRAWN, height=90, is_in_tab_order=is_in_tab_order)

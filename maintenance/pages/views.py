"""The page of a job and of a run. Viewing a page changes nothing."""

from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from maintenance.core import registry, sqlstates
from maintenance.core.states import UNFINISHED, WORTH_REPEATING, Status
from maintenance.engine.lease import is_silent, lease_time
from maintenance.health.context import HealthContext
from maintenance.models import JobRun, Pause
from maintenance.pages import cards, history, plans, runs
from maintenance.pages.access import VIEW, Rights, needs
from maintenance.pages.changes import changes_of
from maintenance.pages.check_results import problems_context
from maintenance.pages.definition import definition_of
from maintenance.pages.details import rows_of
from maintenance.pages.estimated import EstimatingPaginator
from maintenance.pages.failed_items import failed_items
from maintenance.pages.job_charts import figures_of
from maintenance.pages.legend import legend
from maintenance.pages.progress import progress_of
from maintenance.pages.run_log import batch_times_of, entries_of
from maintenance.pages.sparkline import SLOTS
from maintenance.pages.updates import light
from maintenance.reporting import cached_backlog
from maintenance.reporting.rates import past_rates
from maintenance.reporting.status import get_history, get_pause

BUSY, IDLE = 2, 30
"""Seconds between two updates of a page: while a run is queued or running, and otherwise."""
RUNS_A_PAGE = 25


@needs(VIEW)
def job(request: HttpRequest, name: str) -> HttpResponse:
    """The page of one job: status, definition, errors and history."""
    health = HealthContext()
    now, jobs = health.now, health.statistics.jobs
    status = next((status for status in jobs if status.name == name), None)
    if status is None:
        raise Http404
    unfinished = [unfinished.run for unfinished in health.unfinished if unfinished.run.job == name]
    latest = runs.latest([name], SLOTS).get(name, [])
    due = cached_backlog.of_jobs(now, latest)
    form = history.HistoryFilter(request.GET)
    page = EstimatingPaginator(form.applied_to(get_history(name).defer("details", "error")), RUNS_A_PAGE)
    context = {
        "card": cards.card_of(status, latest, unfinished, due),
        "backlog": due,
        "pause": health.pause,
        "job_pause": next((pause for pause in health.pauses if pause.job == name), None),
        **problems_context(health, name),
        "changes": changes_of(name),
        "definition": definition_of(name, now),
        "figures": figures_of(name, latest),
        "legend": legend(),
        "failures": runs.failures(name),
        "filter": form,
        "export_query": form.export_query(name),
        "page": page.get_page(request.GET.get("page")),
    }
    return page_of(request, "job", name, now, is_busy=bool(unfinished), **context)


@needs(VIEW)
def run(request: HttpRequest, object_id: str) -> HttpResponse:
    """The page of one run: its progress, or its result."""
    run = runs.numbered(object_id)
    if run is None:
        raise Http404
    health = HealthContext()
    now, pause = health.now, get_pause(run.job)
    is_active = run.status in UNFINISHED
    is_lost = is_active and is_silent(run, now)
    before, after = runs.neighbours(run)
    context = {
        "run": run,
        "is_active": is_active,
        "is_silent": is_lost,
        "lease": lease_time(),
        "before": before,
        "after": after,
        "progress": progress_of(
            run, _last_activity(run, now), past_rates(run.job) if is_active and not is_lost else []
        ),
        "details": rows_of(run.details),
        "log": entries_of(run),
        "batch_times": batch_times_of(run),
        "errors": failed_items(run, request.user),
        "error_words": sqlstates.in_words((run.error or {}).get("sqlstate")),
        "can_repeat": _can_repeat(run, pause),
        "due_at_stop": None if run.dry_run else cards.due_at_stop_of(run.details),
        "pause": pause,
        **(problems_context(health, run.job) if run.status == Status.QUEUED else {}),
        **_plan_context(run, now),
        "is_known": run.job in registry.names(),
    }
    title = _("Dry run %(id)d of %(job)s") if run.dry_run else _("Run %(id)d of %(job)s")
    return page_of(request, "run", title % {"id": run.pk, "job": run.job}, now, is_busy=is_active, **context)


def _plan_context(run: JobRun, now: datetime) -> dict[str, Any]:
    """Return the plan of a run; or the run that followed a dry run, and the offer to run the job."""
    follower = plans.follower_of(run) if run.dry_run else None
    offer = plans.offer_of(run, follower, now) if run.dry_run else None
    return {"comparison": plans.comparison_of(run), "follower": follower, "offer": offer}


def _can_repeat(run: JobRun, pause: Pause | None) -> bool:
    """Return whether the page offers to run the job again: it has come to less than it should, and nothing runs now."""
    if run.status not in WORTH_REPEATING or run.job not in registry.names() or pause:
        return False
    return not any(active.job == run.job and active.dry_run == run.dry_run for active in runs.unfinished())


def _last_activity(run: JobRun, now: datetime) -> datetime:
    """Return the last time at which a run was known to respond."""
    return run.heartbeat_at if run.heartbeat_at and is_silent(run, now) else now


def page_of(
    request: HttpRequest, template: str, title: str, now: datetime, *, is_busy: bool = False, **context: Any
) -> TemplateResponse:
    """Return a page; `is_busy` makes its browser update it often."""
    response = TemplateResponse(
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
    response.add_post_render_callback(partial(light, request))
    return response

"""The page that asks once before a job runs that cannot be undone. A valid dry run is a better answer to the same."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from maintenance.core import registry
from maintenance.core.clock import database_now
from maintenance.engine import volume_guard
from maintenance.pages import plans, runs
from maintenance.pages.access import RUN, VIEW, needs
from maintenance.pages.views import page_of
from maintenance.reporting import cached_backlog
from maintenance.reporting.status import get_job_status, get_pause


@require_safe
@needs(VIEW, RUN)
def page(request: HttpRequest, name: str) -> HttpResponse:
    """Ask whether a job shall run now, with the number due; or show the dry run that has it."""
    status, job, now = get_job_status(name), registry.find(name), database_now()
    if status is None or job is None:
        raise Http404
    if plan := plans.valid_plan_of(name, now):
        return redirect("admin:maintenance_jobrun_change", plan.pk)
    due = cached_backlog.count(job, now)
    context: dict[str, Any] = {
        "status": status,
        "is_irreversible": job.irreversible,
        "due": due,
        "is_at_least": due is not None and due >= cached_backlog.MOST,
        "usual": volume_guard.exceeded(job, due or 0),
        "active": [run for run in runs.unfinished() if run.job == name and not run.dry_run],
        "pause": get_pause(name),
    }
    return page_of(request, "confirmation", _("Run %(job)s now?") % {"job": name}, now, **context)

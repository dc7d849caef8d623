"""The page that edits a schedule: its cron expression, and whether it is enabled. Nothing else can be edited."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from maintenance.core import cron, registry
from maintenance.core.clock import database_now
from maintenance.core.errors import InvalidCron, MaintenanceError
from maintenance.models import JobSetting
from maintenance.pages.access import SCHEDULE, VIEW, needs
from maintenance.pages.actions import decide, record, user_of
from maintenance.pages.views import page_of
from maintenance.reporting.status import JobStatus, get_job_status
from maintenance.scheduling import controls

TIMES = 5
LONGEST = JobSetting._meta.get_field("cron").max_length or 0


@dataclass(frozen=True)
class Meaning:
    """The meaning of an expression: a sentence and the next times; or the error, and a suggestion."""

    expression: str = ""
    sentence: str = ""
    times: list[datetime] = field(default_factory=list)
    error: str = ""
    suggestion: str = ""


def meaning_of(text: str, now: datetime) -> Meaning:
    """Return the meaning of a text as a cron expression."""
    if len(text) > LONGEST:
        return Meaning(error=_("The expression is longer than %(most)d characters.") % {"most": LONGEST})
    try:
        expression = cron.normalise(text)
    except InvalidCron as error:
        return Meaning(error=str(error), suggestion=error.meant)
    return Meaning(
        expression=expression,
        sentence=cron.describe(expression),
        times=cron.next_times(expression, now, TIMES),
        suggestion="" if text.split() == expression.split() else expression,
    )


@require_safe
@needs(VIEW, SCHEDULE)
def meaning(request: HttpRequest) -> HttpResponse:
    """Answer the meaning of an expression to the script of the page."""
    now = database_now()
    context = {"meaning": meaning_of(request.GET.get("cron", ""), now), "now": now}
    return TemplateResponse(request, "maintenance/meaning.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(VIEW, SCHEDULE)
def edit(request: HttpRequest, name: str) -> HttpResponse:
    """Show the page, or save a valid expression. An invalid one, or a preview, shows the page again."""
    status = get_job_status(name)
    if status is None:
        return _cannot_be_edited(request, name)
    text, is_enabled, now = status.schedule, status.enabled, database_now()
    is_sent = request.method == "POST"
    if is_sent:
        text = request.POST.get("use") or request.POST.get("cron", "")
        is_enabled = "enabled" in request.POST
    meaning = meaning_of(text, now)
    if is_sent and not meaning.error and not {"preview", "use"}.intersection(request.POST):
        return _save(request, status, meaning.expression, is_enabled=is_enabled)
    title = _("Schedule of %(job)s") % {"job": name}
    context: dict[str, Any] = {"status": status, "text": text, "is_enabled": is_enabled, "longest": LONGEST}
    return page_of(request, "schedule", title, now, meaning=meaning, **context)


def _cannot_be_edited(request: HttpRequest, name: str) -> HttpResponse:
    if name not in registry.names():
        raise Http404
    messages.error(request, _("%(job)s cannot be loaded, so it has no schedule to edit.") % {"job": name})
    return redirect("admin:maintenance_job", name)


def _save(request: HttpRequest, status: JobStatus, expression: str, *, is_enabled: bool) -> HttpResponse:
    """Save the changes. A broken schedule is written again even without a change."""
    messages_of_changes = []
    try:
        with transaction.atomic():
            if expression != status.schedule or status.problem:
                messages_of_changes.append(_set_cron(request, status.name, expression))
            if is_enabled != status.enabled:
                messages_of_changes.append(decide(request, status.name, is_enabled=is_enabled))
    except MaintenanceError as error:
        messages.error(request, str(error))
    else:
        for words in messages_of_changes:
            messages.success(request, words)
        if not messages_of_changes:
            messages.info(request, _("Nothing was changed."))
    return redirect("admin:maintenance_job", status.name)


def _set_cron(request: HttpRequest, name: str, expression: str) -> str:
    setting = controls.set_cron(name, expression, by=user_of(request))
    record(request, setting, f"Set the schedule to '{setting.cron}'.")
    return _("The schedule of %(job)s is now '%(cron)s'.") % {"job": name, "cron": setting.cron}

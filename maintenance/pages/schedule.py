"""The page that edits a schedule: its cron expression, and whether it is enabled. Nothing else can be edited."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
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
from maintenance.core.database import advisory_lock
from maintenance.core.errors import InvalidCron, MaintenanceError
from maintenance.models import JobSetting
from maintenance.pages.access import SCHEDULE, VIEW, needs
from maintenance.pages.actions import decide, record, user_of
from maintenance.pages.changes import changes_of
from maintenance.pages.views import page_of
from maintenance.reporting.status import JobStatus, get_status
from maintenance.scheduling import controls

TIMES = 5
LOCK = "maintenance.pages.schedule"
"""Held while a form is compared with the schedule in force and saved."""
LONGEST = JobSetting._meta.get_field("cron").max_length or 0


@dataclass(frozen=True)
class Meaning:
    """The meaning of an expression: a sentence and the next times; or the error, and a suggestion.

    `others` are the jobs that start at one of these times too.
    """

    expression: str = ""
    sentence: str = ""
    times: list[datetime] = field(default_factory=list)
    error: str = ""
    suggestion: str = ""
    others: list[str] = field(default_factory=list)


def meaning_of(text: str, now: datetime, others: Sequence[JobStatus] = ()) -> Meaning:
    """Return the meaning of a text as a cron expression. `others` are the jobs with which it is compared."""
    if len(text) > LONGEST:
        return Meaning(error=_("The expression is longer than %(most)d characters.") % {"most": LONGEST})
    try:
        expression = cron.normalise(text)
    except InvalidCron as error:
        return Meaning(error=str(error), suggestion=error.meant)
    times = cron.next_times(expression, now, TIMES)
    return Meaning(
        expression=expression,
        sentence=cron.describe(expression),
        times=times,
        suggestion="" if text.split() == expression.split() else expression,
        others=[other.name for other in others if other.enabled and _starts_at_any(other, times)],
    )


def _starts_at_any(job: JobStatus, times: Iterable[datetime]) -> bool:
    just_before = (time - timedelta(seconds=1) for time in times)
    try:
        return any(
            next(cron.times(job.schedule, before), None) == before + timedelta(seconds=1) for before in just_before
        )
    except InvalidCron:
        return False  # the page of that job says so


@require_safe
@needs(VIEW, SCHEDULE)
def meaning(request: HttpRequest) -> HttpResponse:
    """Answer the meaning of an expression to the script of the page."""
    now = database_now()
    others = [status for status in get_status().jobs if status.name != request.GET.get("job")]
    context = {"meaning": meaning_of(request.GET.get("cron", ""), now, others), "now": now}
    return TemplateResponse(request, "maintenance/meaning.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(VIEW, SCHEDULE)
def edit(request: HttpRequest, name: str) -> HttpResponse:
    """Show the page, or save a valid expression. An invalid one, or a preview, shows the page again.

    So does one that would undo what another user has saved since the page was opened.
    """
    if request.method != "POST":
        return _page(request, name)
    with transaction.atomic():
        advisory_lock(LOCK)
        return _page(request, name)


def _page(request: HttpRequest, name: str) -> HttpResponse:
    statuses = get_status().jobs
    status = next((status for status in statuses if status.name == name), None)
    if status is None or registry.find(name) is None:
        return _cannot_be_edited(request, name)
    text, is_enabled, now = status.schedule, status.enabled, database_now()
    is_sent = request.method == "POST"
    if is_sent:
        text = request.POST.get("use") or request.POST.get("cron", "")
        is_enabled = "enabled" in request.POST
    meaning = meaning_of(text, now, [other for other in statuses if other is not status])
    if is_sent and not meaning.error and not {"preview", "use"}.intersection(request.POST):
        if request.POST.get("seen", _seen(status)) == _seen(status):
            return _save(request, status, meaning.expression, is_enabled=is_enabled)
        messages.error(request, _("The schedule was changed after you opened this page: nothing was saved."))
    title = _("Schedule of %(job)s") % {"job": name}
    context: dict[str, Any] = {"status": status, "text": text, "is_enabled": is_enabled, "longest": LONGEST}
    context |= {"seen": _seen(status), "default": registry.get(name).schedule, "changes": changes_of(name)}
    return page_of(request, "schedule", title, now, meaning=meaning, **context)


def _seen(status: JobStatus) -> str:
    """Return what a form refers to: the schedule as it was when the page was opened."""
    return f"{status.schedule} {status.enabled}"


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
                messages_of_changes.append(_set_cron(request, status, expression))
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


def _set_cron(request: HttpRequest, status: JobStatus, expression: str) -> str:
    setting = controls.set_cron(status.name, expression, by=user_of(request))
    record(request, setting, f"Set the schedule from '{status.schedule}' to '{setting.cron}'.")
    return _("The schedule of %(job)s is now '%(cron)s'; it was '%(before)s'.") % {
        "job": status.name,
        "cron": setting.cron,
        "before": status.schedule,
    }

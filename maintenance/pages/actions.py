"""The actions of the pages. Each is a POST with an entry in the admin log, and is queued or done at once.

No job ever runs in a request.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.db.models import Model
from django.db.models.functions import Now
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from maintenance.core import registry
from maintenance.core.clock import database_now
from maintenance.core.counting import counted
from maintenance.core.database import advisory_lock
from maintenance.core.errors import MaintenanceError
from maintenance.core.pause_ends import end_of
from maintenance.engine.pauses import ALL_JOBS, sentence
from maintenance.models import JobRun, JobSetting, Pause
from maintenance.pages import plans
from maintenance.pages.access import CANCEL, RUN, SCHEDULE, VIEW, View, needs
from maintenance.reporting import cached_backlog
from maintenance.scheduling import controls
from maintenance.scheduling.run_requests import request_cancel, request_run

LOCK = "maintenance.pages"
"""Held while a run is requested, so that the second click of a double click sees the run of the first."""
MOST = 2**63
DOUBLE_CLICK = timedelta(seconds=2)
"""Two equal requests of one user within this time are one request, even if its run has ended in between."""


def action(permission: str) -> Callable[[View], View]:
    """Make a view an action: POST only, with `permission`, in one transaction with its entry in the admin log.

    A `MaintenanceError` becomes a message, and nothing is changed.
    """

    def decorate(view: View) -> View:
        @require_POST
        @needs(VIEW, permission)
        def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            if "name" in kwargs and kwargs["name"] not in registry.names():
                raise Http404
            try:
                with transaction.atomic():
                    return view(request, **kwargs)
            except MaintenanceError as error:
                messages.error(request, str(error))
                return _back(request, **kwargs)

        return guarded

    return decorate


@action(RUN)
def run_now(request: HttpRequest, name: str) -> HttpResponse:
    return _run(request, name, dry_run=False)


@action(RUN)
def dry_run(request: HttpRequest, name: str) -> HttpResponse:
    return _run(request, name, dry_run=True)


def _run(request: HttpRequest, name: str, *, dry_run: bool) -> HttpResponse:
    confirm_count = _number(request, "confirm_count")
    advisory_lock(LOCK)
    run = _just_requested(request, name, dry_run=dry_run, confirm_count=confirm_count)
    if run is None:
        plan = None if dry_run else _plan(request, name)
        run, is_new = request_run(name, by=user_of(request), dry_run=dry_run, confirm_count=confirm_count, plan=plan)
        if is_new:
            words = "Requested a dry run." if dry_run else "Requested a run."
            words += f" After dry run {plan.pk}." if plan else ""
            record(
                request,
                run,
                words + (f" Confirmed {counted(confirm_count, ('item', 'items'))}." if confirm_count else ""),
            )
            messages.info(request, _("Run %(id)d was requested.") % {"id": run.pk})
        else:
            messages.info(request, _("Run %(id)d of this job had been requested before.") % {"id": run.pk})
    cached_backlog.forget()
    return redirect("admin:maintenance_jobrun_change", run.pk)


def _number(request: HttpRequest, name: str) -> int | None:
    """Return a number that was sent; `None` where it is no number, or too large for the database."""
    value = _sent(request, name)
    return int(value) if value.isascii() and value.isdigit() and len(value) < len(str(MOST)) else None


def _sent(request: HttpRequest, name: str) -> str:
    """Return a value that was sent: all buttons of a page share a form, so theirs stand in the address."""
    return request.POST.get(name, request.GET.get(name, ""))


def _plan(request: HttpRequest, name: str) -> JobRun | None:
    """Return the dry run whose page has the button. Raises `PlanOutdated` when it is no longer valid."""
    if "plan" not in {*request.POST, *request.GET}:
        return None
    plan = get_object_or_404(JobRun, pk=_number(request, "plan"), job=name, dry_run=True)
    plans.verify(plan, database_now())
    return plan


def _just_requested(request: HttpRequest, name: str, *, dry_run: bool, confirm_count: int | None) -> JobRun | None:
    requested = (
        JobRun.objects.filter(job=name, dry_run=dry_run, trigger=JobRun.Trigger.ADMIN)
        .filter(requested_by=user_of(request).pk, queued_at__gt=Now() - DOUBLE_CLICK)
        .exclude(status=JobRun.Status.CANCELLED)
    )
    if confirm_count:  # a confirmed limit makes another request
        requested = requested.filter(details__confirm_count=confirm_count)
    return requested.first()


@action(CANCEL)
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(JobRun, pk=pk)
    if request_cancel(run, by=user_of(request)):
        record(request, run, "Requested cancellation.")
        run.refresh_from_db()
        if run.status == JobRun.Status.CANCELLED:
            messages.success(request, _("Run %(id)d was cancelled before it started.") % {"id": pk})
        else:
            messages.success(request, _("Run %(id)d stops at its next batch.") % {"id": pk})
    else:
        words = _("Run %(id)d is already stopping, or has ended (%(state)s).")
        messages.info(request, words % {"id": pk, "state": JobRun.Status(run.status).label})
    return redirect("admin:maintenance_jobrun_change", pk)


@action(SCHEDULE)
def enable(request: HttpRequest, name: str) -> HttpResponse:
    messages.success(request, decide(request, name, is_enabled=True))
    return _back(request, name)


@action(SCHEDULE)
def disable(request: HttpRequest, name: str) -> HttpResponse:
    messages.success(request, decide(request, name, is_enabled=False))
    return _back(request, name)


def decide(request: HttpRequest, name: str, *, is_enabled: bool) -> str:
    """Enable or disable a schedule, record that in the admin log, and return the message."""
    if is_enabled:
        record(request, controls.enable(name, by=user_of(request)), "Enabled the schedule.")
        return _("The schedule of %(job)s is enabled.") % {"job": name}
    record(request, controls.disable(name, by=user_of(request)), "Disabled the schedule.")
    return _("The schedule of %(job)s is disabled. The job can still be run manually.") % {"job": name}


@action(SCHEDULE)
def pause(request: HttpRequest, name: str = ALL_JOBS) -> HttpResponse:
    longest = Pause._meta.get_field("reason").max_length
    reason = " ".join(request.POST.get("reason", "").split())[:longest]
    until = end_of(request.POST.get("length", ""), request.POST.get("until", ""), database_now())
    made = controls.pause(name, reason=reason, by=user_of(request), until=until)
    record(request, made, f"Paused {name or 'all jobs'}.")
    running = _("A running job stops at its next batch.") if name else _("Running jobs stop at their next batch.")
    messages.success(request, f"{sentence(made)} {running}")
    return _back(request, name or None)


@action(SCHEDULE)
def resume(request: HttpRequest, name: str = ALL_JOBS) -> HttpResponse:
    if ended := controls.resume(name):
        record(request, ended, f"Resumed {name or 'all jobs'}.")
        messages.success(request, _("Resumed."))
    else:
        messages.info(request, _("Nothing was paused."))
    return _back(request, name or None)


def record(request: HttpRequest, row: Model, words: str) -> None:
    """Write an entry of the admin log: user, row and action, never the text of a form."""
    assert isinstance(row, JobRun | JobSetting | Pause)  # noqa: S101 - whose `__str__` names no person # nosec B101
    LogEntry.objects.log_actions(user_of(request).pk, [row], CHANGE, change_message=words)


def user_of(request: HttpRequest) -> Any:
    """Return the user who is logged in."""
    return request.user


def _back(request: HttpRequest, name: str | None = None, **_kwargs: Any) -> HttpResponseRedirect:
    """Redirect to the page of the button: the page of a job, or its row in the list of jobs."""
    if name is None or _sent(request, "back") == "jobs":
        return redirect(reverse("admin:maintenance_jobs") + (f"#job-{name}" if name else ""))
    return redirect("admin:maintenance_job", name)

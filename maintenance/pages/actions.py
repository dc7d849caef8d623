"""What can be asked for on the pages. Each request is a POST, checked here, written into the admin's log, and queued or
decided at once: no job ever runs in a request.
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
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from maintenance.core import registry
from maintenance.core.clock import database_now
from maintenance.core.database import advisory_lock
from maintenance.core.errors import MaintenanceError
from maintenance.models import JobRun, JobSetting, Pause
from maintenance.pages import plans
from maintenance.pages.access import CANCEL, RUN, SCHEDULE, VIEW, View, needs
from maintenance.reporting import cached_backlog
from maintenance.scheduling import controls
from maintenance.scheduling.run_requests import request_cancel, request_run

LOCK = "maintenance.pages"
"""Held while a run is asked for, so that the second click of a double click sees what the first one did."""
MOST = 2**63
DOUBLE_CLICK = timedelta(seconds=2)
"""The same wish of the same person within so long is one wish, even if its run has ended meanwhile."""


def action(permission: str) -> Callable[[View], View]:
    """A view that changes something: POST only, for whoever holds `permission`, in one transaction with its record.

    An error of ours becomes a message, and nothing is changed.
    """

    def decorate(view: View) -> View:
        @require_POST
        @needs(VIEW, permission)
        def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            if "name" in kwargs and kwargs["name"] not in known_jobs():
                raise Http404
            try:
                with transaction.atomic():
                    return view(request, **kwargs)
            except MaintenanceError as error:
                messages.error(request, str(error))
                return _back(request, **kwargs)

        return guarded

    return decorate


def known_jobs() -> set[str]:
    """Return the names of all jobs, also of those that cannot be loaded."""
    return {job.name for job in registry.all_jobs()} | set(registry.broken())


@action(RUN)
def run_now(request: HttpRequest, name: str) -> HttpResponse:
    return _run(request, name, dry_run=False)


@action(RUN)
def dry_run(request: HttpRequest, name: str) -> HttpResponse:
    return _run(request, name, dry_run=True)


def _run(request: HttpRequest, name: str, *, dry_run: bool) -> HttpResponse:
    confirm_count = _number(request, "confirm_count")
    advisory_lock(LOCK)
    run = _just_asked_for(request, name, dry_run=dry_run, confirm_count=confirm_count)
    if run is None:
        plan = None if dry_run else _plan(request, name)
        run, is_new = request_run(name, by=user_of(request), dry_run=dry_run, confirm_count=confirm_count, plan=plan)
        if is_new:
            words = "Asked for a dry run." if dry_run else "Asked for a run."
            words += f" After dry run {plan.pk}." if plan else ""
            record(request, run, words + (f" Confirmed {confirm_count} items." if confirm_count else ""))
            messages.success(request, _("Run %(id)d is queued.") % {"id": run.pk})
        else:
            messages.info(request, _("Run %(id)d of this job waits already: there will be one run.") % {"id": run.pk})
    cached_backlog.forget()
    return redirect("admin:maintenance_jobrun_change", run.pk)


def _number(request: HttpRequest, name: str) -> int | None:
    """Return a number that was sent; `None` for what is none, or is larger than the database counts."""
    value = request.POST.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < len(str(MOST)) else None


def _plan(request: HttpRequest, name: str) -> JobRun | None:
    """Return the dry run on whose page the button stood; raises `PlanOutdated` where it may not be followed."""
    if "plan" not in request.POST:
        return None
    plan = get_object_or_404(JobRun, pk=_number(request, "plan"), job=name, dry_run=True)
    plans.verify(plan, database_now())
    return plan


def _just_asked_for(request: HttpRequest, name: str, *, dry_run: bool, confirm_count: int | None) -> JobRun | None:
    asked = (
        JobRun.objects.filter(job=name, dry_run=dry_run, trigger=JobRun.Trigger.ADMIN)
        .filter(requested_by=user_of(request).pk, queued_at__gt=Now() - DOUBLE_CLICK)
        .exclude(status=JobRun.Status.CANCELLED)
    )
    if confirm_count:  # a word about a number is a wish of its own
        asked = asked.filter(details__confirm_count=confirm_count)
    return asked.first()


@action(CANCEL)
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(JobRun, pk=pk)
    if request_cancel(run, by=user_of(request)):
        record(request, run, "Asked it to stop.")
        run.refresh_from_db()
        if run.status == JobRun.Status.CANCELLED:
            messages.success(request, _("Run %(id)d was cancelled before it began.") % {"id": pk})
        else:
            messages.success(request, _("Run %(id)d was asked to stop: it does so at its next batch.") % {"id": pk})
    else:
        words = _("There is nothing to stop any more: run %(id)d was asked already, or is over (%(state)s).")
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
    """Enable or disable a schedule, write that down, and return the sentence that tells it."""
    if is_enabled:
        record(request, controls.enable(name, by=user_of(request)), "Enabled the schedule.")
        return _("The schedule of %(job)s is enabled.") % {"job": name}
    record(request, controls.disable(name, by=user_of(request)), "Disabled the schedule.")
    return _("The schedule of %(job)s is disabled; by hand it can still be run.") % {"job": name}


@action(SCHEDULE)
def pause(request: HttpRequest) -> HttpResponse:
    longest = Pause._meta.get_field("reason").max_length
    reason = " ".join(request.POST.get("reason", "").split())[:longest]
    record(request, controls.pause(reason=reason, by=user_of(request)), "Paused everything.")
    messages.success(request, _("Everything is paused: what runs stops at its next batch, and nothing starts."))
    return _back(request)


@action(SCHEDULE)
def resume(request: HttpRequest) -> HttpResponse:
    if controls.resume():
        record(request, Pause(id=1), "Ended the pause.")
        messages.success(request, _("The pause is over."))
    else:
        messages.info(request, _("Nothing was paused."))
    return _back(request)


def record(request: HttpRequest, what: Model, words: str) -> None:
    """Write into the admin's log who did what to which run or job; never what somebody typed as a reason."""
    assert isinstance(what, JobRun | JobSetting | Pause)  # noqa: S101 - whose `__str__` names no person
    LogEntry.objects.log_actions(user_of(request).pk, [what], CHANGE, change_message=words)


def user_of(request: HttpRequest) -> Any:
    """Return who is logged in."""
    return request.user


def _back(request: HttpRequest, name: str | None = None, **_kwargs: Any) -> HttpResponseRedirect:
    """Go back to the page on which the form stood: a job's own, or the list."""
    if name is None or request.POST.get("back") == "jobs":
        return redirect("admin:maintenance_jobs")
    return redirect("admin:maintenance_job", name)

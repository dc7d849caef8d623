"""The admin pages of the engine: those of `maintenance.pages`, and a list of all runs."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django_q import admin as queue_admin  # noqa: F401 - registers its pages, which may be replaced here
from django_q.models import Failure, OrmQ, Schedule, Success

from maintenance.alert_models import AlertDelivery
from maintenance.conf import settings
from maintenance.core import registry
from maintenance.models import JobRun
from maintenance.pages import (
    actions,
    confirmation,
    failures,
    job_list,
    overview,
    report,
    retention,
    run_export,
    schedule,
    views,
)
from maintenance.pages.access import View
from maintenance.pages.guard import GuardedAdmin, refusing_nul
from maintenance.pages.updates import light
from maintenance.templatetags import maintenance_pages


class ReadOnlyAdmin(GuardedAdmin):
    """A list of rows that no user may add, change or delete, superusers included. It has the tabs of the pages."""

    change_list_template = "maintenance/change_list.html"
    change_form_template = "maintenance/change_form.html"
    object_history_template = "maintenance/object_history.html"

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return light(request, super().changelist_view(request, extra_context))

    def get_urls(self) -> list[URLPattern]:
        return [*refusing_nul(self.own_urls()), *super().get_urls()]

    def own_urls(self) -> list[URLPattern]:
        """Return further addresses, which go before Django's."""
        return []


class ScheduleAdmin(ReadOnlyAdmin):
    """The queue's schedules as it stores them. Only the time can be changed, on the page of the job.

    Names, arguments and hooks are free text, and are not shown.
    """

    list_display = ("id", "func", "cron", "next_run", "repeats")
    list_display_links = ("id",)
    fields = ("id", "func", "schedule_type", "cron", "next_run", "repeats", "intended_date_kwarg")
    readonly_fields = fields
    ordering = ("next_run", "id")


def replace_queue_admin() -> None:
    """Remove the queue's own pages, and show its schedules read-only.

    A user who may edit a schedule in the queue's own admin can run any function in a worker. Queue and task history are
    pickled, and may have personal data.
    """
    for model in (Schedule, Success, Failure, OrmQ):
        if admin.site.is_registered(model):
            admin.site.unregister(model)
    admin.site.register(Schedule, ScheduleAdmin)


if settings.MAINTENANCE_REPLACES_QUEUE_ADMIN:
    replace_queue_admin()


class JobFilter(admin.SimpleListFilter):
    """The jobs of the registry: their names are known without reading all runs."""

    title = _("job")
    parameter_name = "job"

    def lookups(self, _request: HttpRequest, _page: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in registry.names()]

    def queryset(self, _request: HttpRequest, runs: QuerySet[JobRun]) -> QuerySet[JobRun]:
        return runs.filter(job=self.value()) if self.value() else runs


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyAdmin):
    """The list of all runs. The page of a run has the rest."""

    change_list_template = "maintenance/run_list.html"
    list_display = ("__str__", "state", "trigger", "kind", "requested", "duration", "items_done", "sentence")
    list_filter = ("status", "trigger", "dry_run", JobFilter, "queued_at")
    list_per_page = 25
    search_fields = ("pk__exact",)
    search_help_text = _("The number of a run.")

    @admin.display(description=_("state"), ordering="status")
    def state(self, run: JobRun) -> str:
        return maintenance_pages.state(run.status)

    @admin.display(description=_("requested"), ordering="queued_at")
    def requested(self, run: JobRun) -> str:
        return maintenance_pages.moment(run.queued_at)

    @admin.display(description=_("kind"), ordering="dry_run")
    def kind(self, run: JobRun) -> str:
        return str(_("Dry run")) if run.dry_run else ""

    @admin.display(description=_("message"))
    def sentence(self, run: JobRun) -> str:
        return maintenance_pages.sentence(run.message)

    @admin.display(description=_("duration"))
    def duration(self, run: JobRun) -> str:
        return maintenance_pages.duration(run.duration)

    def own_urls(self) -> list[URLPattern]:
        def url(route: str, view: View, name: str) -> Any:
            return path(route, self.admin_site.admin_view(view), name=name)

        return [
            url("export.<str:kind>", run_export.view_of(self), "maintenance_runs_file"),
            url("index/", overview.index, "maintenance_index"),
            url("cluster/", overview.cluster, "maintenance_cluster"),
            url("jobs/", job_list.page, "maintenance_jobs"),
            url("jobs/pause/", actions.pause, "maintenance_pause"),
            url("jobs/resume/", actions.resume, "maintenance_resume"),
            url("jobs/<str:name>/", views.job, "maintenance_job"),
            url("jobs/<str:name>/run/", actions.run_now, "maintenance_run"),
            url("jobs/<str:name>/confirm/", confirmation.page, "maintenance_confirm"),
            url("jobs/<str:name>/dry-run/", actions.dry_run, "maintenance_dry_run"),
            url("jobs/<str:name>/enable/", actions.enable, "maintenance_enable"),
            url("jobs/<str:name>/disable/", actions.disable, "maintenance_disable"),
            url("jobs/<str:name>/pause/", actions.pause, "maintenance_pause_job"),
            url("jobs/<str:name>/resume/", actions.resume, "maintenance_resume_job"),
            url("jobs/<str:name>/schedule/", schedule.edit, "maintenance_schedule"),
            url("retention/", retention.page, "maintenance_retention"),
            url("failures/", failures.page, "maintenance_failures"),
            url("report/", report.page, "maintenance_report"),
            url("cron/", schedule.meaning, "maintenance_cron"),
            url("<int:pk>/cancel/", actions.cancel, "maintenance_cancel"),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        del form_url, extra_context
        return views.run(request, object_id)


@admin.register(AlertDelivery)
class AlertDeliveryAdmin(ReadOnlyAdmin):
    """The outbox of alerts: what was told on which channel, or why not."""

    list_display = ("__str__", "created", "kind", "channel", "status", "attempts", "reason", "title")
    list_filter = ("status", "kind", "created_at")
    list_per_page = 25
    fields = (
        "title",
        "text",
        "kind",
        "channel",
        "status",
        "reason",
        "created_at",
        "attempts",
        "attempted_at",
        "due_at",
        "sent_at",
    )
    readonly_fields = fields

    @admin.display(description=_("written"), ordering="created_at")
    def created(self, row: AlertDelivery) -> str:
        return maintenance_pages.moment(row.created_at)

"""The failures of all jobs on one page: by cause, and on which days."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Count, Max
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, TruncDate
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, gettext_lazy

from maintenance.core import registry
from maintenance.core.array_lookup import in_array
from maintenance.core.clock import database_now
from maintenance.core.states import Status
from maintenance.models import JobRun
from maintenance.pages.access import VIEW, needs
from maintenance.pages.runs import PARTIAL_RUNS_READ, cause_of, error_of
from maintenance.pages.views import page_of

PERIODS = (7, 30, 90)
DEFAULT = 30
PITCH, WIDTH, HEIGHT = 8, 6, 28


@dataclass
class Failure:
    """The failures of one job by one cause. `last_run` is the latest run with it, which ended at `last`."""

    job: str
    is_known: bool
    state: str
    cause: str
    days: Counter[date] = field(default_factory=Counter)
    last: datetime | None = None
    last_run: int = 0
    message: str = ""

    @property
    def count(self) -> int:
        return self.days.total()

    def add(self, day: date, number: int, last: datetime, last_run: int) -> None:
        self.days[day] += number
        if last_run > self.last_run:
            self.last, self.last_run = last, last_run


class PeriodForm(forms.Form):
    """The number of days in the address. One that is not offered is the default."""

    days = forms.TypedChoiceField(
        label=gettext_lazy("Days"), choices=[(days, str(days)) for days in PERIODS], coerce=int, required=False
    )

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__({"days": data.get("days") or DEFAULT}, auto_id="period-%s", label_suffix="")

    @property
    def number(self) -> int:
        return int(self.cleaned_data["days"]) if self.is_valid() else DEFAULT


@needs(VIEW)
def page(request: HttpRequest) -> HttpResponse:
    """The failures of the last days."""
    form, now = PeriodForm(request.GET), database_now()
    days = _days_until(now, form.number)
    failures = failures_since(datetime.combine(days[0], datetime.min.time(), UTC))
    context: dict[str, Any] = {
        "form": form,
        "failures": [(failure, _draw(failure, days)) for failure in failures],
        "total": sum(failure.count for failure in failures),
    }
    return page_of(request, "failures", _("Failures"), now, **context)


def _days_until(now: datetime, number: int) -> list[date]:
    today = now.astimezone(UTC).date()
    return [today - timedelta(days=days) for days in reversed(range(number))]


def failures_since(moment: datetime) -> list[Failure]:
    """Return the failures of runs requested since `moment`, the latest first."""
    found: dict[tuple[str, str, str], Failure] = {}
    known = set(registry.names())
    for job, state, cause, day, number, last, last_run in [*_of_runs(moment), *_of_items(moment)]:
        failure = found.setdefault((job, state, cause), Failure(job, job in known, state, cause))
        failure.add(day, number, last, last_run)
    messages = dict(JobRun.objects.filter(in_array([f.last_run for f in found.values()])).values_list("pk", "message"))
    for failure in found.values():
        failure.message = messages.get(failure.last_run, "")
    return sorted(found.values(), key=lambda failure: failure.last_run, reverse=True)


Row = tuple[str, str, str, date, int, datetime, int]


def _of_runs(moment: datetime) -> Iterable[Row]:
    at = Coalesce("finished_at", "queued_at")
    groups = (
        JobRun.objects.filter(queued_at__gte=moment, status__in=[Status.FAILED, Status.CRASHED])
        .order_by()
        .annotate(error_class=KT("error__error"), sqlstate=KT("error__sqlstate"), constraint=KT("error__constraint"))
        .annotate(day=TruncDate(at, tzinfo=UTC))
        .values("job", "status", "error_class", "sqlstate", "constraint", "day")
        .annotate(number=Count("pk"), last=Max(at), last_run=Max("pk"))
    )
    for group in groups:
        yield (
            group["job"], group["status"], error_of(group), group["day"], group["number"], group["last"],
            group["last_run"],
        )  # fmt: skip


def _of_items(moment: datetime) -> Iterable[Row]:
    """Yield the failed items of the last partially failed runs; each run stores the first few."""
    partial = JobRun.objects.filter(queued_at__gte=moment, status=Status.PARTIAL).order_by("-pk")
    for run in partial.only("id", "job", "details", "finished_at", "queued_at")[:PARTIAL_RUNS_READ]:
        at = run.finished_at or run.queued_at
        for error in run.details.get("errors", []):
            yield run.job, Status.PARTIAL, cause_of(error), at.astimezone(UTC).date(), 1, at, run.pk


def _draw(failure: Failure, days: list[date]) -> SafeString:
    """Draw a bar for each day with failures."""
    highest = max(failure.days.values())
    bars = (
        (place * PITCH, HEIGHT - round(HEIGHT * number / highest), WIDTH, round(HEIGHT * number / highest))
        for place, day in enumerate(days)
        if (number := failure.days[day])
    )
    words = ", ".join(f"{day.isoformat()}: {failure.days[day]:,}" for day in days if failure.days[day])
    return format_html(
        '<svg class="mb-days" viewBox="0 0 {} {}" role="img" aria-label="{}"><title>{}</title>{}</svg>',
        len(days) * PITCH,
        HEIGHT,
        words,
        words,
        format_html_join("", '<rect x="{}" y="{}" width="{}" height="{}"/>', bars),
    )

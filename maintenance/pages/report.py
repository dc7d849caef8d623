"""The page of the report for a period, which prints, and the same as CSV and JSON."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _, gettext_lazy

from maintenance.core import time_text
from maintenance.core.clock import database_now
from maintenance.pages.access import VIEW, needs
from maintenance.pages.downloads import download
from maintenance.pages.views import page_of
from maintenance.reporting.period import Period, PeriodReport, report_of
from maintenance.reporting.period_csv import as_csv


class PeriodForm(forms.Form):
    """The first and the last day of a period; without them, the last month that is over."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        default = Period.of_last_month(database_now())
        days = {"from": default.first.isoformat(), "to": default.last.isoformat()}
        super().__init__(
            {name: data.get(name) or day for name, day in days.items()}, auto_id="period-%s", label_suffix=""
        )
        for name, label in (("from", gettext_lazy("First day")), ("to", gettext_lazy("Last day"))):
            widget = forms.DateInput(attrs={"type": "date"}, format=time_text.DAY)
            self.fields[name] = forms.DateField(label=label, widget=widget, input_formats=[time_text.DAY])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if {"from", "to"} <= cleaned.keys() and cleaned["from"] > cleaned["to"]:
            raise forms.ValidationError(_("The last day is before the first one."))
        return cleaned

    @property
    def period(self) -> Period | None:
        """The period; `None` where the days cannot be read."""
        return Period(self.cleaned_data["from"], self.cleaned_data["to"]) if self.is_valid() else None


@needs(VIEW)
def page(request: HttpRequest) -> HttpResponse:
    """The report for the days in the address, or a file of it."""
    form = PeriodForm(request.GET)
    report = report_of(form.period) if form.period else None
    wanted = request.GET.get("format", "")
    if report and wanted in FORMATS:
        name = f"report-{report.period.first}-{report.period.last}"
        return download(FORMATS[wanted](report), name, wanted)
    days = urlencode({name: form.data[name] for name in ("from", "to")})
    title = _("Report for %(first)s to %(last)s") % {"first": form.data["from"], "last": form.data["to"]}
    context: dict[str, Any] = {
        "form": form,
        "report": report,
        "files": {name: f"?{days}&format={name}" for name in FORMATS},
    }
    return page_of(request, "report", title if report else _("Report"), database_now(), **context)


def as_text(report: PeriodReport) -> str:
    """Return the document that `manage.py report --json` prints."""
    return json.dumps(report.as_json(), indent=2)


FORMATS: dict[str, Callable[[PeriodReport], str]] = {"csv": as_csv, "json": as_text}

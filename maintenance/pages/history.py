"""Filters of a job's history: state, trigger and date."""

from datetime import UTC, datetime, time
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from maintenance.core.states import Status, Trigger
from maintenance.models import JobRun

ANY = ("", _("any"))


def _date() -> forms.DateField:
    return forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))


class HistoryFilter(forms.Form):
    """The filters in the address of a job's page. A filter that cannot be read has an error, and filters nothing."""

    state = forms.ChoiceField(label=_("State"), required=False, choices=[ANY, *Status.choices])
    trigger = forms.ChoiceField(label=_("Trigger"), required=False, choices=[ANY, *Trigger.choices])
    since = _date()
    until = _date()

    def __init__(self, data: Any) -> None:
        super().__init__(data, auto_id="filter-%s", label_suffix="")
        self.fields["since"].label, self.fields["until"].label = _("From"), _("To")

    def applied_to(self, runs: QuerySet[JobRun]) -> QuerySet[JobRun]:
        """Return the filtered `runs`. Days are UTC, and both are included."""
        self.is_valid()
        wanted = self.cleaned_data
        if wanted.get("state"):
            runs = runs.filter(status=wanted["state"])
        if wanted.get("trigger"):
            runs = runs.filter(trigger=wanted["trigger"])
        if wanted.get("since"):
            runs = runs.filter(queued_at__gte=datetime.combine(wanted["since"], time.min, UTC))
        if wanted.get("until"):
            runs = runs.filter(queued_at__lte=datetime.combine(wanted["until"], time.max, UTC))
        return runs

    def export_query(self, job: str) -> str:
        """Return the query of the files of the filtered runs, as the list of all runs has it."""
        wanted = self.cleaned_data
        moments = {"queued_at__gte": (wanted.get("since"), time.min), "queued_at__lt": (wanted.get("until"), time.max)}
        query = {"job": job, "status__exact": wanted.get("state"), "trigger__exact": wanted.get("trigger")}
        query |= {name: datetime.combine(day, at, UTC).isoformat() for name, (day, at) in moments.items() if day}
        return urlencode({name: value for name, value in query.items() if value})

    @property
    def address(self) -> str:
        """The filters, as the query of a page's address."""
        wanted = {name: self.data.get(name, "") for name in self.fields}
        return urlencode({name: value for name, value in wanted.items() if value})

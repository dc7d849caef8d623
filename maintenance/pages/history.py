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
    """What is asked for in the address of a job's page; what cannot be read filters nothing, and is told."""

    state = forms.ChoiceField(label=_("State"), required=False, choices=[ANY, *Status.choices])
    trigger = forms.ChoiceField(label=_("Trigger"), required=False, choices=[ANY, *Trigger.choices])
    since = _date()
    until = _date()

    def __init__(self, data: Any) -> None:
        super().__init__(data, auto_id="filter-%s", label_suffix="")
        self.fields["since"].label, self.fields["until"].label = _("From"), _("To")

    def applied_to(self, runs: QuerySet[JobRun]) -> QuerySet[JobRun]:
        """Return those of `runs` that are asked for; days are UTC, and both are included."""
        self.is_valid()
        asked = self.cleaned_data
        if asked.get("state"):
            runs = runs.filter(status=asked["state"])
        if asked.get("trigger"):
            runs = runs.filter(trigger=asked["trigger"])
        if asked.get("since"):
            runs = runs.filter(queued_at__gte=datetime.combine(asked["since"], time.min, UTC))
        if asked.get("until"):
            runs = runs.filter(queued_at__lte=datetime.combine(asked["until"], time.max, UTC))
        return runs

    @property
    def address(self) -> str:
        """What is asked for, as the beginning of a page's address."""
        asked = {name: self.data.get(name, "") for name in self.fields}
        return urlencode({name: value for name, value in asked.items() if value})

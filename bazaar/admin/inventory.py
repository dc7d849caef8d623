"""The inventory of personal data as a page with filters; `manage.py personal_data` prints it."""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.http import urlencode
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_safe

from bazaar.access.record import as_html, record_of_processing
from bazaar.admin.base import DomainAdmin
from bazaar.erasure import collect
from bazaar.erasure.table import COLUMNS, rows_of
from maintenance.core.json_encoder import encode
from maintenance.pages.downloads import download
from maintenance.reporting.csv_text import lines

Rows = Sequence[Mapping[str, str]]


class InventoryFilter(forms.Form):
    """The filter of the rows. A value without rows filters nothing and is reported."""

    model = forms.ChoiceField(label=gettext_lazy("Model"), required=False)
    holds = forms.ChoiceField(label=gettext_lazy("Data category"), required=False)
    happens = forms.ChoiceField(label=gettext_lazy("Action"), required=False)

    def __init__(self, data: Mapping[str, Any], rows: Rows) -> None:
        super().__init__(data, auto_id="filter-%s", label_suffix="")
        values = {
            "model": {row["model"] for row in rows},
            "holds": {row["holds"] for row in rows},
            "happens": {row[mode] for row in rows for mode in ("anonymise", "delete")},
        }
        for name, found in values.items():
            choices = [("", _("any")), *((value, value) for value in sorted(found))]
            self.fields[name].choices = choices  # type: ignore[attr-defined] # it is a choice

    def applied_to(self, rows: Rows) -> Rows:
        """Return the rows that match."""
        self.is_valid()
        model, holds, happens = (self.cleaned_data.get(name, "") for name in self.fields)
        return [
            row
            for row in rows
            if model in {"", row["model"]}
            and holds in {"", row["holds"]}
            and happens in {"", row["anonymise"], row["delete"]}
        ]


def _as_csv(rows: Rows) -> str:
    return "".join(lines(list(COLUMNS), rows))


FORMATS: Mapping[str, Callable[[Rows], str]] = {"csv": _as_csv, "json": encode}


class InventoryAdmin(DomainAdmin):
    """Adds the page, for users with the permission to view the model."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_safe(self.inventory))
        printed = self.admin_site.admin_view(require_safe(self.record))
        return [
            path("inventory/", view, name="bazaar_inventory"),
            path("record/", printed, name="bazaar_record"),
            *super().get_urls(),
        ]

    def record(self, request: HttpRequest) -> HttpResponse:
        """Show the record of processing activities, as a page that prints."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return HttpResponse(as_html(record_of_processing(collect(), personal_only=True)))

    def inventory(self, request: HttpRequest) -> HttpResponse:
        """Show each field with its data category, its selector and the action of each mode."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = rows_of(collect())
        form = InventoryFilter(request.GET, rows)
        shown = form.applied_to(rows)
        if (kind := request.GET.get("format", "")) in FORMATS:
            return download(FORMATS[kind](shown), "inventory", kind)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Personal data inventory"),
            "form": form,
            "models": [(name, list(group)) for name, group in groupby(shown, key=lambda row: row["model"])],
            "shown": len(shown),
            "total": len(rows),
            "files": {kind: f"?{urlencode({**request.GET.dict(), 'format': kind})}" for kind in FORMATS},
        }
        return TemplateResponse(request, "admin/bazaar/deletionrequest/inventory.html", context)

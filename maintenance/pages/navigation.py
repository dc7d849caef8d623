"""The tabs of the pages, in the order in which they are shown, each with its keyboard shortcut."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Tab:
    """A link to a page; `key` opens it after the key g."""

    key: str
    label: str
    address: str
    is_current: bool


def tabs(request: HttpRequest) -> list[Tab]:
    """Return the tabs that the user may open."""
    user: Any = request.user
    entries = [
        ("j", _("Jobs"), "maintenance_jobs", "view_jobrun"),
        ("l", _("Retention"), "maintenance_retention", "view_jobrun"),
        ("p", _("Report"), "maintenance_report", "view_jobrun"),
        ("f", _("Failures"), "maintenance_failures", "view_jobrun"),
        ("c", _("Cluster"), "maintenance_cluster", "view_jobrun"),
        ("r", _("All runs"), "maintenance_jobrun_changelist", "view_jobrun"),
        ("a", _("Alerts"), "maintenance_alertdelivery_changelist", "view_alertdelivery"),
    ]
    return [
        _tab(request, key, label, reverse(f"admin:{name}"))
        for key, label, name, permission in entries
        if user.has_perm(f"maintenance.{permission}")
    ]


def _tab(request: HttpRequest, key: str, label: str, address: str) -> Tab:
    return Tab(key, label, address, is_current=request.path == address)

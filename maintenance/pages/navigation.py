"""The pages as tabs, each with its keyboard shortcut, and as entries of the admin's list of apps."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

APP = "maintenance"


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
        ("r", _("Runs"), "maintenance_jobrun_changelist", "view_jobrun"),
        ("a", _("Alerts"), "maintenance_alertdelivery_changelist", "view_alertdelivery"),
    ]
    return [
        _tab(request, key, label, reverse(f"admin:{name}"))
        for key, label, name, permission in entries
        if user.has_perm(f"maintenance.{permission}")
    ]


def _tab(request: HttpRequest, key: str, label: str, address: str) -> Tab:
    return Tab(key, label, address, is_current=request.path == address)


@dataclass(frozen=True)
class Entry:
    """A link in the list of apps; `id` is that of its heading. Its page is open where it `is_current`."""

    id: str
    label: str
    address: str
    add_address: str
    is_current: bool


@dataclass(frozen=True)
class App:
    label: str
    name: str
    address: str
    entries: Sequence[Entry]
    is_current: bool


def apps(request: HttpRequest, app_list: Iterable[Mapping[str, Any]]) -> list[App]:
    """Return Django's list of apps, in which this app has its pages as entries.

    The current entry is the one whose address is the longest beginning of the page's own.
    """
    found = {app["app_label"]: _entries_of(request, app) for app in app_list}
    addresses = [address for entries in found.values() for *_rest, address, _add in entries]
    current = max((a for a in addresses if a and request.path.startswith(a)), key=len, default="")
    return [
        App(
            label=app["app_label"],
            name=app["name"],
            address=app["app_url"],
            entries=[Entry(*entry, is_current=entry[2] == current != "") for entry in found[app["app_label"]]],
            is_current=request.path.startswith(app["app_url"]),
        )
        for app in app_list
    ]


def _entries_of(request: HttpRequest, app: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    if app["app_label"] == APP:
        return [(f"{APP}-{tab.key}", tab.label, tab.address, "") for tab in tabs(request)]
    return [
        (
            f"{app['app_label']}-{model['object_name'].lower()}",
            str(model["name"]),
            model["admin_url"] or "",
            model["add_url"] or "",
        )
        for model in app["models"]
    ]

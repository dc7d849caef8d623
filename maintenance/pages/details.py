"""A run's details as a table: names in words, figures and times as people read them."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from maintenance.pages.words import minute


def rows_of(details: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what is known of a run beside its own columns; its failed items are shown elsewhere."""
    labels = _labels()
    return [(labels.get(name) or _humanised(name), value) for name, value in _flat(details)]


def _flat(details: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in details.items():
        if name == "errors":
            continue
        if name == "batches" and isinstance(value, dict):
            yield "batches", f"{value.get('count', 0):,}"
            yield "longest_batch", f"{value.get('longest_seconds', 0):g} s"
        elif isinstance(value, dict):
            yield from _flat(value)
        else:
            yield name, _shown(value)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | float):
        return f"{value:,}"
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    try:
        moment = parse_datetime(str(value))
    except ValueError:
        moment = None
    return minute(moment) if moment else str(value)


def _humanised(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _labels() -> dict[str, str]:
    return {
        "cutoff": _("Strictly older than"),
        "oldest": _("Oldest that was due"),
        "newest": _("Newest that was due"),
        "ids": _("The first ids"),
        "backlog": _("Left for the next run"),
        "batches": _("Batches"),
        "longest_batch": _("Longest batch"),
        "brake": _("Due when the brake stopped it"),
        "confirm_count": _("Confirmed number"),
    }

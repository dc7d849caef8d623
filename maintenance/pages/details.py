"""The details of a run as a table of labels and values."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from maintenance.core.time_text import minute

SHOWN_ELSEWHERE = ("errors", "plan", "limits", "log")
BATCH_FIGURES = ("median_seconds", "p99_seconds", "longest_seconds")


def rows_of(details: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return label and value of each detail; the page shows failed items and plan elsewhere."""
    labels = labels_of()
    return [(labels.get(name) or humanised(name), value) for name, value in _flat(details)]


def _flat(details: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in details.items():
        if name in SHOWN_ELSEWHERE:
            continue
        if name == "batches" and isinstance(value, dict):
            yield "batches", f"{value.get('count', 0):,}"
            yield from ((name, f"{value[name]:g} s") for name in BATCH_FIGURES if name in value)
        elif isinstance(value, dict):
            yield from _flat(value)
        else:
            yield name, shown(value)


def shown(value: Any) -> str:
    """Return a figure, a time or a list as text."""
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


def humanised(name: str) -> str:
    """Return the label of a figure that has none of its own."""
    return name.replace("_", " ").capitalize()


def labels_of() -> dict[str, str]:
    """Return the labels of details, by their names."""
    return {
        "cutoff": _("Cutoff"),
        "oldest": _("Oldest due"),
        "newest": _("Newest due"),
        "ids": _("Sample IDs"),
        "backlog": _("Remaining"),
        "batches": _("Batches"),
        "median_seconds": _("Batch time, median"),
        "p99_seconds": _("Batch time, 99th percentile"),
        "longest_seconds": _("Batch time, longest"),
        "brake": _("Due at safety stop"),
        "confirm_count": _("Confirmed limit"),
    }

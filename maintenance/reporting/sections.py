"""What the project adds to a report for a period: `MAINTENANCE_REPORT` names the function that returns it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, cast

from django.utils.module_loading import import_string

from maintenance.conf import settings

Value = str | int | float | None


@dataclass(frozen=True)
class Figure:
    """A figure with the name that programs read, and its label."""

    name: str
    label: str
    value: Value


@dataclass(frozen=True)
class Section:
    """A table of the project, with figures above it. It has no personal data.

    `columns` are the headings by the names that programs read; each row has a value for each of them.
    """

    name: str
    title: str
    columns: Mapping[str, str]
    rows: Sequence[Mapping[str, Value]]
    figures: Sequence[Figure] = ()

    def as_json(self) -> dict[str, Any]:
        figures = {figure.name: figure.value for figure in self.figures}
        return {"name": self.name, "title": str(self.title), "figures": figures, "rows": [dict(r) for r in self.rows]}


class Sections(Protocol):
    """Returns the sections on a period, of which `until` is the first moment after it."""

    def __call__(self, since: datetime, until: datetime) -> Sequence[Section]: ...


def sections_of(since: datetime, until: datetime) -> list[Section]:
    """Return the sections of the project; none where it has no function for them."""
    path = settings.MAINTENANCE_REPORT
    return list(cast("Sections", import_string(path))(since, until)) if path else []

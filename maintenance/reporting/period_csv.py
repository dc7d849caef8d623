"""A report as one table of comma-separated values: a column `part` says what a row is about."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

from maintenance.reporting.period import PeriodReport

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet reads as the beginning of a formula."""


def as_csv(report: PeriodReport) -> str:
    """Return the report with a heading; a cell is blank where a row has no such value."""
    rows = list(_rows(report))
    columns = list(dict.fromkeys(name for row in rows for name in row))
    out = StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _harmless(value) for name, value in row.items()} for row in rows)
    return out.getvalue()


def _rows(report: PeriodReport) -> Iterator[dict[str, Any]]:
    period = {"from": report.period.first.isoformat(), "to": report.period.last.isoformat()}
    for line in report.limits:
        yield {"part": "limit", **period, **line.as_json()}
    for job in report.jobs:
        yield {"part": "job", **period, **_flat(job.as_json())}
    yield {"part": "total", **period, **_flat(report.as_json()["total"])}
    for section in report.sections:
        for row in section.rows:
            yield {"part": section.name, **period, **row}


def _flat(figures: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in figures.items() if name != "statuses"}


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value

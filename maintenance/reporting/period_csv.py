"""A report as one table of comma-separated values: a column `part` says what a row is about."""

from collections.abc import Iterator
from typing import Any

from maintenance.reporting.csv_text import lines
from maintenance.reporting.period import PeriodReport


def as_csv(report: PeriodReport) -> str:
    """Return the report with a heading; a cell is blank where a row has no such value."""
    rows = list(_rows(report))
    return "".join(lines(list(dict.fromkeys(name for row in rows for name in row)), rows))


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

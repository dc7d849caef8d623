"""A report as comma-separated values."""

import csv
from datetime import UTC, date, datetime

import pytest

from maintenance.models import JobRun
from maintenance.reporting.period import Period, report_of
from maintenance.reporting.period_csv import as_csv
from maintenance.reporting.sections import Section

pytestmark = pytest.mark.django_db

AT = datetime(2026, 6, 15, tzinfo=UTC)
JUNE = Period(date(2026, 6, 1), date(2026, 6, 30))


def test_every_line_of_the_report_is_a_row(settings):
    settings.MAINTENANCE_REPORT = f"{__name__}.sections"
    JobRun.objects.create(
        job="cleanup-push-tokens", trigger="schedule", status="succeeded", finished_at=AT, items_due=3, items_done=2
    )

    report = report_of(JUNE)
    rows = list(csv.DictReader(as_csv(report).splitlines()))

    parts = [row["part"] for row in rows]
    assert (parts.count("limit"), parts.count("job")) == (len(report.limits), len(report.jobs))
    [limit] = [row for row in rows if row["setting"] == "PUSH_TOKEN_RETENTION_DAYS"]
    assert (limit["due"], limit["done"], limit["late"], limit["from"]) == ("3", "2", "1", "2026-06-01")
    [total] = [row for row in rows if row["part"] == "total"]
    assert (total["runs"], total["done"]) == ("1", "2")
    assert [row["number"] for row in rows if row["part"] == "things"] == ["7"]


def test_no_cell_is_a_formula(settings):
    settings.MAINTENANCE_REPORT = f"{__name__}.sections"

    assert "'=1+1" in as_csv(report_of(JUNE))


def sections(since, until):
    del since, until
    return [Section("things", "Things", {"number": "Number"}, [{"number": 7, "text": "=1+1"}])]

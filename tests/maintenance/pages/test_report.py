"""The page of the report, and its files."""

import csv
import json
from datetime import UTC, datetime

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse

from maintenance.models import JobRun
from maintenance.total_models import DailyTotal
from tests.maintenance.pages.people import client_of, person, text_of
from tests.project.json_documents import REGISTRY, SCHEMAS, Draft202012Validator

pytestmark = pytest.mark.django_db

PAGE = reverse("admin:maintenance_report")
JUNE = f"{PAGE}?from=2026-06-01&to=2026-06-30"
AT = datetime(2026, 6, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def run():
    return JobRun.objects.create(
        job="cleanup-push-tokens",
        trigger="schedule",
        status="partial",
        finished_at=AT,
        items_due=1_300,
        items_done=1_200,
    )


def test_the_page_has_the_figures_of_the_days_in_its_address(viewer):
    text = text_of(viewer, JUNE)

    assert "Report for 2026-06-01 to 2026-06-30" in text
    assert "1,300" in text
    assert "manage.py report --from 2026-06-01 --to 2026-06-30" in text
    assert "1,300" not in text_of(viewer, f"{PAGE}?from=2026-07-01&to=2026-07-31")


def test_without_days_it_is_about_the_last_month(viewer):
    assert "Report for " in text_of(viewer, PAGE)


@pytest.mark.parametrize("address", [f"{PAGE}?from=2026-06-30&to=2026-06-01", f"{PAGE}?from=x&to=2026-06-01"])
def test_days_that_cannot_be_read_are_told(viewer, address):
    text = text_of(viewer, address)

    assert "mb-trouble" in text
    assert "report-limits" not in text


def test_the_files_have_the_same_figures(viewer):
    answer = viewer.get(f"{JUNE}&format=json")
    assert answer["Content-Type"] == "application/json"
    assert answer["Content-Disposition"] == 'attachment; filename="report-2026-06-01-2026-06-30.json"'
    document = json.loads(answer.content)
    Draft202012Validator(SCHEMAS["report"], registry=REGISTRY).validate(document)
    assert document["total"]["done"] == 1_200

    rows = list(csv.DictReader(viewer.get(f"{JUNE}&format=csv").content.decode().splitlines()))
    assert [row["done"] for row in rows if row["part"] == "total"] == ["1200"]


def test_runs_of_an_unknown_day_are_told(viewer):
    assert "deleted before totals" not in text_of(viewer, JUNE)
    DailyTotal.objects.create(job="a", status="succeeded", runs=3)

    assert "3 runs were deleted before totals" in text_of(viewer, JUNE)


@pytest.mark.parametrize("address", [PAGE, f"{PAGE}?format=csv", f"{PAGE}?format=json"])
def test_who_may_not_see_runs_sees_no_report(address):
    assert client_of(person()).get(address).status_code == 403


@pytest.mark.parametrize("other", ["maintenance_jobs", "maintenance_retention", "maintenance_cluster"])
def test_the_other_pages_link_to_it(viewer, other):
    assert f'href="{PAGE}"' in text_of(viewer, reverse(f"admin:{other}"))


def test_it_has_a_style_sheet_for_print(viewer):
    assert 'media="print" href="/static/maintenance/print.css"' in text_of(viewer, PAGE)
    assert finders.find("maintenance/print.css")

"""The failures of all jobs: grouped by job and cause, with their days, the latest first."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from maintenance.pages.failures import failures_since
from tests.maintenance.pages.people import client_of, person, text_of
from tests.maintenance.pages.rows import NAME, Status, make_run, run_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_cache", "cluster")]

PAGE = reverse("admin:maintenance_failures")
ERROR = {"error": "django.db.utils.IntegrityError", "sqlstate": "23503", "constraint": "some_fk", "frames": []}


@pytest.fixture
def failed():
    """Two failures of one cause, a failed item, and what is none."""
    now = timezone.now()
    first = make_run(Status.FAILED, at=now - timedelta(days=20), error=ERROR)
    last = make_run(Status.FAILED, at=now - timedelta(days=2), error=ERROR)
    details = {"errors": [{"id": key, "error": "OperationalError 55P03"} for key in (4, 5)]}
    partial = make_run(Status.PARTIAL, job="cleanup-invitations", at=now - timedelta(days=1), details=details)
    make_run(at=now - timedelta(days=1))
    make_run(Status.FAILED, at=now - timedelta(days=95), error=ERROR)
    return first, last, partial


def test_failures_are_grouped_by_job_and_cause(failed):
    first, last, partial = failed

    found = failures_since(timezone.now() - timedelta(days=30))

    assert [(f.job, f.state, f.cause, f.count, f.last_run) for f in found] == [
        ("cleanup-invitations", Status.PARTIAL, "OperationalError 55P03", 2, partial.pk),
        (NAME, Status.FAILED, "IntegrityError 23503 some_fk", 2, last.pk),
    ]
    assert dict(found[1].days) == {run.finished_at.date(): 1 for run in (first, last)}
    assert found[1].last == last.finished_at


def test_the_page_draws_the_days_and_links_to_the_last_run(viewer, failed):
    _, last, partial = failed

    page = text_of(viewer, PAGE)

    assert "Failures of the last 30 days" in page
    assert run_page(last) in page
    assert run_page(partial) in page
    days = re.findall(r'<svg class="mb-days".*?</svg>', page, re.DOTALL)
    assert [drawing.count("<rect") for drawing in days] == [1, 2]
    assert f"{last.finished_at.date()}: 1" in days[1]


@pytest.mark.parametrize(("days", "number"), [("7", 1), ("90", 2), ("", 2), ("8", 2), ("many", 2)])
def test_the_period_can_be_chosen(viewer, failed, days, number):
    page = text_of(viewer, f"{PAGE}?days={days}")

    row = page[page.index("some_fk") :]
    assert re.search(r'<td class="mb-number"[^>]*>(\d+)</td>', row)[1] == str(number)


def test_a_failure_without_an_error_is_told_by_its_message(viewer):
    make_run(Status.FAILED, at=timezone.now() - timedelta(days=1), message="The volume guard stopped the run.")

    assert "The volume guard stopped the run." in text_of(viewer, PAGE)


def test_without_failures_the_page_says_so(viewer):
    make_run(at=timezone.now())

    assert "No failures." in text_of(viewer, PAGE)


def test_the_number_of_queries_does_not_grow(viewer, failed):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as found:
            text_of(viewer, PAGE)
        return len(found)

    few = queries()
    for number in range(40):
        make_run(Status.FAILED, job=f"job-{number}", at=timezone.now(), error=ERROR | {"sqlstate": str(number)})
    assert "job-39" in text_of(viewer, PAGE)
    assert queries() == few


def test_the_page_needs_the_permission():
    assert client_of(person()).get(PAGE).status_code == 403

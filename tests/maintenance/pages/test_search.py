"""The search of the pages: a run by its number, and what the project adds."""

import pytest
from django.urls import reverse

from maintenance.pages.search import Hit, hits_of
from tests.maintenance.pages.people import text_of
from tests.maintenance.pages.rows import make_run, run_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_cache", "cluster")]

JOBS = reverse("admin:maintenance_jobs")


def found(user, words):
    return [Hit(f"Ticket {words}", f"/tickets/{words}/")] if user.is_staff and words.isdigit() else []


@pytest.fixture(autouse=True)
def _no_hook(settings):
    settings.MAINTENANCE_SEARCH = ""


def test_the_number_of_a_run_leads_to_its_page(viewer):
    run = make_run()

    assert viewer.get(JOBS, {"q": f" {run.pk} "}).url == run_page(run)
    assert viewer.get(JOBS, {"q": str(run.pk + 1)}).status_code == 200
    assert hits_of(None, "") == []


def test_the_project_adds_pages_of_its_own(viewer, settings):
    settings.MAINTENANCE_SEARCH = f"{__name__}.found"

    assert viewer.get(JOBS, {"q": "123456"}).url == "/tickets/123456/"
    assert viewer.get(JOBS, {"q": "cleanup"}).status_code == 200


def test_more_than_one_page_is_a_choice(viewer, settings):
    run = make_run()
    settings.MAINTENANCE_SEARCH = f"{__name__}.found"

    page = text_of(viewer, f"{JOBS}?q={run.pk}")

    assert f'<a href="{run_page(run)}">Run {run.pk} of {run.job}</a>' in page
    assert f'<a href="/tickets/{run.pk}/">Ticket {run.pk}</a>' in page

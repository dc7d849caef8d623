"""The pages in the side bar and as tabs: everywhere the same, and the open one is highlighted."""

import re

import pytest
from django.urls import reverse

from maintenance.alert_models import AlertDelivery
from tests.factories import UserFactory
from tests.maintenance.pages.people import client_of, person, text_of
from tests.maintenance.pages.rows import NAME, make_run, run_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_cache", "cluster")]

PAGES = {
    "Jobs": ["maintenance_jobs"],
    "Retention": ["maintenance_retention"],
    "Report": ["maintenance_report"],
    "Failures": ["maintenance_failures"],
    "Cluster": ["maintenance_cluster"],
    "Runs": ["maintenance_jobrun_changelist"],
    "Alerts": ["maintenance_alertdelivery_changelist"],
}
ADDRESSES = [(label, reverse(f"admin:{name}")) for label, names in PAGES.items() for name in names]


@pytest.fixture
def superuser():
    return client_of(UserFactory(is_staff=True, is_superuser=True))


def side_bar(page):
    return re.search(r'<nav class="sticky" id="nav-sidebar".*?</nav>', page, re.DOTALL)[0]


def current_in(page):
    return re.findall(r'<tr class="current-model"><th[^>]*><a href="([^"]+)" aria-current="page">', side_bar(page))


@pytest.mark.parametrize(("label", "address"), ADDRESSES)
def test_the_side_bar_highlights_the_open_page_and_no_other(superuser, label, address):
    page = text_of(superuser, address)

    assert f'<a href="{address}" aria-current="page">{label}</a>' in side_bar(page)
    assert current_in(page) == [address]
    links = re.findall(r'<a href="([^"]+)"[^>]*>([^<]+)</a>', side_bar(page).split('class="app-maintenance')[1])
    assert [text for _, text in links[1 : 1 + len(PAGES)]] == list(PAGES)


def test_a_page_below_another_highlights_the_other(superuser):
    run = make_run()
    jobs, runs = reverse("admin:maintenance_jobs"), reverse("admin:maintenance_jobrun_changelist")

    assert current_in(text_of(superuser, reverse("admin:maintenance_job", args=[NAME]))) == [jobs]
    assert current_in(text_of(superuser, reverse("admin:maintenance_schedule", args=[NAME]))) == [jobs]
    assert current_in(text_of(superuser, run_page(run))) == [runs]


def test_other_apps_keep_their_entries(superuser):
    page = text_of(superuser, reverse("admin:bazaar_project_changelist"))

    assert current_in(page) == [reverse("admin:bazaar_project_changelist")]
    assert f'<a href="{reverse("admin:bazaar_project_add")}" class="addlink"' in side_bar(page)


def test_the_first_page_and_the_page_of_the_app_have_the_entries(superuser):
    for address in (reverse("admin:index"), reverse("admin:app_list", args=["maintenance"])):
        page = text_of(superuser, address)
        for _, target in ADDRESSES:
            assert re.search(rf'<th scope="row" id="maintenance-\w"><a href="{target}">', page)


def test_who_may_see_no_run_has_no_entry():
    page = text_of(client_of(person("view_project")), reverse("admin:index"))

    assert "app-bazaar" in page
    assert "app-maintenance" not in page


def test_lists_histories_and_forms_have_the_tabs_and_the_crumbs(superuser):
    run = make_run()
    alert = AlertDelivery.objects.create(channel="mail", kind="error", title="An error", text="An error.")
    pages = {
        reverse("admin:maintenance_jobrun_changelist"): "Runs",
        reverse("admin:maintenance_jobrun_history", args=[run.pk]): "Audit log",
        reverse("admin:maintenance_alertdelivery_change", args=[alert.pk]): str(alert),
        reverse("admin:django_q_schedule_changelist"): "Scheduled tasks",
    }
    for address, here in pages.items():
        page = text_of(superuser, address)
        crumbs = re.search(r'<div class="breadcrumbs">.*?</div>', page, re.DOTALL)[0]
        assert f'<a href="{reverse("admin:maintenance_jobs")}">Jobs</a>' in crumbs
        assert crumbs.endswith(f"{here}</div>")
        assert len(re.findall(r' data-key="', page)) == len(PAGES)

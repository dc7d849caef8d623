"""Failed items link to their objects, where the id says which one it is and the user may see it."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from bazaar.models import PushToken
from maintenance.core import registry
from maintenance.models import JobRun
from maintenance.pages.failed_items import FailedItem, failed_items
from tests.maintenance.pages.people import client_of, person, text_of
from tests.maintenance.pages.rows import NAME, Status, make_run, run_page

pytestmark = pytest.mark.django_db

ERRORS = [{"id": 12, "error": "OperationalError 55P03"}]


def run_of(job=NAME, errors=ERRORS):
    return JobRun(job=job, status=Status.PARTIAL, details={"errors": errors})


def test_an_item_links_to_its_object_for_who_may_view_it():
    address = reverse("admin:bazaar_pushtoken_change", args=[12])

    assert failed_items(run_of(), person("view_pushtoken")) == [FailedItem("12", "OperationalError 55P03", address)]
    assert failed_items(run_of(), person("view_upload")) == [FailedItem("12", "OperationalError 55P03")]


def test_the_page_of_a_run_has_the_link_and_the_cause_in_words(tokens):
    tokens(1)
    key = PushToken.objects.latest("pk").pk
    run = make_run(Status.PARTIAL, details={"errors": [{"id": key, "error": "OperationalError 55P03"}]})
    viewer = person("view_jobrun", "view_pushtoken")

    page = text_of(client_of(viewer), run_page(run))

    address = reverse("admin:bazaar_pushtoken_change", args=[key])
    assert f'<a href="{address}">{key}</a></td><td>OperationalError 55P03 (a record was locked' in page
    assert client_of(viewer).get(address).status_code == 200
    assert Permission.objects.filter(codename="view_pushtoken").exists()


@pytest.mark.parametrize(
    "run",
    [
        run_of(job="gone-job"),
        run_of(job="cleanup-expired-tokens"),  # its items are of several models
        run_of(errors=[{"id": "a file", "error": "x"}]),
        run_of(errors=[{}]),
    ],
)
def test_an_item_whose_object_is_unknown_has_no_link(run):
    assert [item.address for item in failed_items(run, person("view_pushtoken"))] == [""]


@pytest.mark.parametrize("errors", [{}, "x", None, 7, ["x", None]])
def test_details_of_another_form_have_no_items(errors):
    assert failed_items(run_of(errors=errors), person("view_pushtoken")) == []


def test_an_invalid_limit_leaves_items_without_links(settings):
    settings.PUSH_TOKEN_RETENTION_DAYS = 0

    assert [item.address for item in failed_items(run_of(), person("view_pushtoken"))] == [""]


@pytest.mark.parametrize("job", registry.names())
def test_every_job_answers(job):
    assert len(failed_items(run_of(job=job), person("view_jobrun"))) == 1

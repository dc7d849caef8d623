"""The page of one deletion request."""

import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from bazaar.admin.moments import in_utc
from bazaar.erasure import erase
from bazaar.models import DeletionRequest
from tests.bazaar.admin.deletion_actions import (
    REQUESTS,
    staff_with,
)
from tests.bazaar.admin.pages import get, logged_in, url
from tests.factories import DeletionRequestFactory, PushTokenFactory

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def test_the_page_of_a_request_shows_the_evidence_as_a_table(client, person):
    PushTokenFactory.create_batch(3, user=person)
    request = DeletionRequestFactory(user=person, scheduled_for=NOW - timedelta(days=1), anonymize_contributions=False)
    with transaction.atomic():
        erase(request.pk, NOW)

    page = get(client, url(DeletionRequest, "change", request.pk)).content.decode()

    assert '<tr><th scope="row">Push tokens</th><td>3</td><td>0</td></tr>' in page
    assert '<tr><th scope="row">Users</th><td>1</td><td>0</td></tr>' in page
    assert f"{person.public_id}" in page
    request.refresh_from_db()
    deleted, changed = (sum(request.evidence[name].values()) for name in ("rows_deleted", "rows_changed"))
    assert deleted >= 4
    assert f'<tr><th scope="row">Together</th><td>{deleted}</td><td>{changed}</td></tr>' in page
    assert '<tr><th scope="row">Carried out as</th><td>delete</td></tr>' in page
    assert '<div class="readonly">-</div>' in page.split("field-due")[1].split("field-requested")[0]
    assert '<div class="readonly">-</div>' in page.split("field-cancelled")[1].split("field-cancelled_by")[0]
    for moment in ("requested_at", "scheduled_for", "completed_at"):
        assert in_utc(DeletionRequest.objects.values_list(moment, flat=True).get(pk=request.pk)) in page
    assert "rows_deleted" not in page, "not as JSON"


def test_evidence_of_what_there_is_no_more_can_still_be_read(client):
    evidence = {"mode": "anonymise", "rows_deleted": {"gone.Model": 2, "strange": 1}, "public_id": None}
    request = DeletionRequestFactory(status="completed", evidence=evidence)
    bare = DeletionRequestFactory(status="completed")

    page = get(client, url(DeletionRequest, "change", request.pk)).content.decode()
    assert '<tr><th scope="row">Gone.Model</th><td>2</td><td>0</td></tr>' in page
    assert "No row held" in get(client, url(DeletionRequest, "change", bare.pk)).content.decode()


def test_the_evidence_is_exported(client):
    evidence = {"mode": "anonymise", "rows_deleted": {"b.B": 2, "a.A": 1}, "rows_changed": {"b.B": 3}}
    request = DeletionRequestFactory(status="completed", evidence=evidence)
    page = get(client, url(DeletionRequest, "change", request.pk)).content.decode()
    as_csv, as_json = (reverse("admin:bazaar_evidence", args=[request.pk, kind]) for kind in ("csv", "json"))
    assert f'href="{as_csv}"' in page

    lines = get(client, as_csv).content.decode().splitlines()

    assert lines == ["model,rows_deleted,rows_changed", "a.A,1,0", "b.B,2,3"]
    assert get(client, as_json).json() == evidence
    assert logged_in(staff_with("view_user")).get(as_csv).status_code == 403


@pytest.mark.parametrize("kind", ["csv", "xls"])
def test_without_evidence_there_is_no_file(client, kind):
    request = DeletionRequestFactory(evidence={"mode": "delete"} if kind == "xls" else {})
    get(client, url(DeletionRequest, "change", request.pk))  # logs in

    assert client.get(reverse("admin:bazaar_evidence", args=[request.pk, kind])).status_code == 404


def test_an_open_request_has_no_evidence_yet(client):
    page = get(client, url(DeletionRequest, "change", DeletionRequestFactory().pk)).content.decode()

    assert "Rows deleted" not in page
    assert "due in" in page


def test_an_open_request_is_cancelled_from_its_page_too_by_the_same_way(client):
    request, over = DeletionRequestFactory(), DeletionRequestFactory(status="cancelled")
    address, button = url(DeletionRequest, "change", request.pk), "Cancel this request"
    page = get(client, address).content.decode()
    form = re.search(rf'<form method="post" action="{REQUESTS}".*?</form>', page, re.DOTALL)[0]
    assert button in form
    assert button not in get(client, url(DeletionRequest, "change", over.pk)).content.decode()
    assert button not in get(logged_in(staff_with("view_deletionrequest")), address).content.decode()

    asked = client.post(REQUESTS, dict(re.findall(r'name="(\w+)" value="([^"]*)"', form)))

    assert asked.context["items"] == [(request.pk, f"Deletion request {request.pk} (user {request.user_pk})")]
    request.refresh_from_db()
    assert request.status == "pending", "only asked"

"""The second person, who approves requests for staff."""

import pytest
from django.contrib.admin.models import LogEntry

from bazaar.deletion_errors import (
    NothingToApprove,
    SamePerson,
)
from bazaar.models import DeletionRequest
from tests.bazaar.admin.deletion_actions import REQUESTS, USERS, choose, confirm, told
from tests.bazaar.admin.pages import get, logged_in, url
from tests.factories import DeletionRequestFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def colleague():
    return UserFactory(is_staff=True)


def test_a_request_for_a_colleague_waits_for_a_second_person(client, admin, colleague):
    done = confirm(client, USERS, "request_deletion", [colleague])
    made = DeletionRequest.objects.get()
    assert told(done)[-1] == f"These are requests for staff, which a second person has to approve: {made.pk}."
    assert "waits for approval" in get(client, REQUESTS).content.decode()

    assert told(confirm(client, REQUESTS, "approve_requests", [made])) == [
        f"Deletion request {made.pk}: {SamePerson.message}"
    ]
    second = UserFactory(is_staff=True, is_superuser=True)
    helper = logged_in(second)
    address = url(DeletionRequest, "change", made.pk)
    assert "Approve this request" in get(helper, address).content.decode()
    asked = choose(helper, REQUESTS, "approve_requests", [made])
    assert f"Deletion request {made.pk} (user {colleague.pk})" in asked.content.decode()
    assert colleague.email not in asked.content.decode()
    made.refresh_from_db()
    assert made.approved_at is None, "only asked"

    done = confirm(helper, REQUESTS, "approve_requests", [made])

    assert told(done) == [f"Deletion request {made.pk} was approved."]
    made.refresh_from_db()
    assert made.approved_by == second
    assert "Approve this request" not in get(helper, address).content.decode()
    assert "waits for approval" not in get(client, REQUESTS).content.decode()
    assert LogEntry.objects.filter(object_repr=str(made), user=second).count() == 1


def test_one_that_needs_no_approval_is_told_and_stops_nobody_else(client, admin, person, colleague):
    mine, other = DeletionRequestFactory(user=person), DeletionRequestFactory(user=colleague, needs_approval=True)

    done = confirm(client, REQUESTS, "approve_requests", [mine, other])

    assert told(done) == [
        f"Deletion request {mine.pk}: {NothingToApprove.message}",
        f"Deletion request {other.pk} was approved.",
    ]

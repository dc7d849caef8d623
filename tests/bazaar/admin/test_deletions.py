"""The actions on deletion requests: permissions, cancelling, what the log keeps, and no script."""

from datetime import timedelta

import pytest
from django.contrib.admin import helpers
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import transaction
from django.test import Client
from django.utils import timezone

from bazaar.deletion_errors import (
    NotPending,
)
from bazaar.deletion_requests import make_request
from bazaar.erasure import erase
from bazaar.models import DeletionRequest
from tests.bazaar.admin.deletion_actions import (
    ACTIONS,
    NEEDED,
    REQUESTS,
    USERS,
    choose,
    confirm,
    pks,
    staff_with,
    told,
    words_of,
)
from tests.bazaar.admin.pages import get, logged_in, url
from tests.factories import DeletionRequestFactory

pytestmark = pytest.mark.django_db

NOW = timezone.now()


# Permissions


@pytest.mark.parametrize(("address", "action"), ACTIONS)
def test_without_the_permission_the_action_is_absent_and_a_crafted_post_is_refused(person, address, action):
    rows = [person] if address == USERS else [DeletionRequestFactory()]
    view = "view_user" if address == USERS else "view_deletionrequest"
    needed = NEEDED.get(action, "add_deletionrequest")
    everything_else = Permission.objects.exclude(codename=needed).values_list("codename", flat=True)
    helper, may = logged_in(staff_with(*everything_else)), logged_in(staff_with(view, needed))
    option = f'<option value="{action}">'
    assert option in get(may, address).content.decode()
    before = list(DeletionRequest.objects.values())

    assert option not in get(helper, address).content.decode()
    assert choose(helper, address, action, rows).status_code == 403
    assert confirm(helper, address, action, rows, reason="by_mistake").status_code == 403
    hidden_behind_another = {"action": ["", action], "index": 1, helpers.ACTION_CHECKBOX_NAME: pks(rows)}
    assert helper.post(address, hidden_behind_another).status_code == 403
    assert list(DeletionRequest.objects.values()) == before


@pytest.mark.parametrize(("address", "action"), ACTIONS)
def test_an_action_needs_a_post_with_a_token(admin, person, address, action):
    rows = [person] if address == USERS else [DeletionRequestFactory()]
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    before = list(DeletionRequest.objects.values())

    assert confirm(client, address, action, rows, reason="by_mistake").status_code == 403
    client.get(address, {"action": action, "confirmed": "yes", helpers.ACTION_CHECKBOX_NAME: pks(rows)})
    assert list(DeletionRequest.objects.values()) == before


@pytest.mark.parametrize(("address", "action"), ACTIONS)
def test_nobody_without_the_list_gets_to_its_action(person, address, action):
    rows = [person] if address == USERS else [DeletionRequestFactory()]
    stranger = logged_in(staff_with("add_deletionrequest"))

    assert confirm(stranger, address, action, rows, reason="by_mistake").status_code == 403


# Cancelling


def test_a_request_is_cancelled_with_a_reason_after_it_was_confirmed(client, admin, person):
    request = make_request(person)
    page = choose(client, REQUESTS, "cancel_requests", [request])
    assert page.status_code == 200
    assert f"Deletion request {request.pk} (user {person.pk})" in page.content.decode()
    assert not [word for word in words_of(person) if word in page.content.decode()]

    done = confirm(client, REQUESTS, "cancel_requests", [request], reason="not_the_owner")

    assert (done.status_code, done.url) == (302, REQUESTS)
    request.refresh_from_db()
    assert (request.status, request.cancelled_by, request.cancel_reason) == ("cancelled", admin, "not_the_owner")
    assert told(done) == [f"Deletion request {request.pk} was cancelled; the account stays."]
    person.refresh_from_db()
    assert person.deletion_requested_at is None


@pytest.mark.parametrize("reason", ["", "because"])
def test_without_a_reason_that_is_a_choice_nothing_is_cancelled(client, reason):
    request = DeletionRequestFactory()

    page = confirm(client, REQUESTS, "cancel_requests", [request], reason=reason)

    assert page.status_code == 200
    assert page.context["form"].errors["reason"]
    assert "errorlist" in page.content.decode()
    request.refresh_from_db()
    assert request.status == "pending"


def test_one_that_was_carried_out_meanwhile_is_told_and_the_others_are_cancelled(client):
    carried_out, other = (DeletionRequestFactory(scheduled_for=NOW - timedelta(days=1)) for _ in range(2))
    choose(client, REQUESTS, "cancel_requests", [carried_out, other])
    with transaction.atomic():
        assert erase(carried_out.pk, NOW)

    done = confirm(client, REQUESTS, "cancel_requests", [carried_out, other], reason="changed_mind")

    assert told(done) == [
        f"Deletion request {carried_out.pk}: {NotPending.message}",
        f"Deletion request {other.pk} was cancelled; the account stays.",
    ]
    assert DeletionRequest.objects.get(pk=carried_out.pk).status == "completed"


def test_several_are_cancelled_at_once(client):
    requests = DeletionRequestFactory.create_batch(2)

    done = confirm(client, REQUESTS, "cancel_requests", requests, reason="by_mistake")

    ids = ", ".join(str(request.pk) for request in requests)
    assert told(done) == [f"Deletion requests {ids} were cancelled; the accounts stay."]
    assert not DeletionRequest.objects.pending().exists()


# What the admin's log keeps


def test_the_log_names_ids_only(client, person):
    confirm(client, USERS, "request_full_deletion", [person])
    request = DeletionRequest.objects.get()
    confirm(client, REQUESTS, "cancel_requests", [request], reason="by_mistake")

    entries = [(entry.object_repr, entry.get_change_message()) for entry in LogEntry.objects.order_by("pk")]

    assert entries == [
        (f"user {person.pk}", f"Added deletion request “deletion request {request.pk}”."),
        (f"deletion request {request.pk}", "Added."),
        (f"deletion request {request.pk}", "Changed Status and Cancel reason."),
    ]
    stored = str(list(LogEntry.objects.values()))
    assert not [word for word in words_of(person) if word in stored]
    for row in (person, request):
        assert get(client, url(type(row), "history", row.pk))


def test_what_is_refused_leaves_no_entry(client, admin):
    confirm(client, USERS, "request_deletion", [admin])

    assert not LogEntry.objects.exists()


# Without scripts, under the content security policy


def test_no_page_needs_a_script_or_a_style_of_its_own(client, person):
    request = DeletionRequestFactory(status="completed", evidence={"mode": "delete"})
    pages = [
        choose(client, USERS, "request_deletion", [person]),
        choose(client, USERS, "request_full_deletion", [person]),
        choose(client, REQUESTS, "cancel_requests", [request]),
        client.get(url(DeletionRequest, "change", request.pk)),
    ]

    for page in pages:
        text = page.content.decode()
        assert page.status_code == 200
        assert "'unsafe-inline'" not in page.headers["Content-Security-Policy"]
        assert "<style" not in text
        assert " style=" not in text
        assert "javascript:" not in text
        assert " onclick=" not in text
        assert all("src=" in tag.partition(">")[0] for tag in text.split("<script")[1:])
    for page in pages[:3]:
        assert '<input type="submit"' in page.content.decode()
        assert 'class="button cancel-link">' in page.content.decode()

"""Requests for deletions from the list of users."""

from datetime import timedelta

import pytest
from django.contrib.admin import helpers
from django.utils import timezone
from django.utils.formats import date_format

from bazaar.admin import confirmation
from bazaar.admin.account_deletion import MANY
from bazaar.deletion_errors import (
    AlreadyErased,
    AlreadyRequested,
    LastSuperuser,
    RightsBeyondYours,
    StaffAreAnonymised,
)
from bazaar.models import AuditLog, DeletionRequest, User
from tests.bazaar.admin.deletion_actions import USERS, choose, confirm, staff_with, told, words_of
from tests.bazaar.admin.pages import get, logged_in, url
from tests.bazaar.erasure.rows import vanish
from tests.factories import DeletionRequestFactory, UserFactory

pytestmark = pytest.mark.django_db

MODES = pytest.mark.parametrize(
    ("action", "anonymize"), [("request_deletion", True), ("request_full_deletion", False)], ids=["anonymise", "full"]
)
NOW = timezone.now()


@MODES
def test_a_request_is_made_after_it_was_confirmed_and_not_before(client, admin, person, action, anonymize):
    page = choose(client, USERS, action, [person])
    assert page.status_code == 200
    assert not DeletionRequest.objects.exists()

    done = confirm(client, USERS, action, [person])

    assert (done.status_code, done.url) == (302, USERS)
    made = DeletionRequest.objects.get()
    assert (made.user, made.anonymize_contributions, made.status) == (person, anonymize, "pending")
    assert AuditLog.objects.get().user == admin
    date = date_format(made.scheduled_for, "DATETIME_FORMAT")
    assert told(done) == [f"The deletion of user {person.pk} was requested. It is carried out after {date} UTC."]
    person.refresh_from_db()
    assert (person.name, person.is_active) == ("Ann Canary", True), "only asked for"


@MODES
def test_the_page_that_asks_names_ids_and_the_date_promised_and_no_person(client, settings, person, action, anonymize):
    settings.DELETION_GRACE_DAYS = 14
    listed = get(client, USERS).content.decode()
    assert person.email in listed

    page = choose(client, USERS, action, [person]).content.decode()

    assert f"User {person.pk}<" in page
    assert date_format(timezone.now() + timedelta(days=14)) in page
    assert "14 days" in page
    assert ("anonymised" in page) is anonymize
    assert not [word for word in words_of(person) if word in page]


@MODES
def test_what_the_page_that_asks_sends_is_what_is_needed(client, person, action, anonymize):
    page = choose(client, USERS, action, [person, other := UserFactory()]).content.decode()

    for user in (person, other):
        assert f'<input type="hidden" name="{helpers.ACTION_CHECKBOX_NAME}" value="{user.pk}">' in page
    assert f'<input type="hidden" name="action" value="{action}">' in page
    assert '<input type="hidden" name="confirmed" value="yes">' in page
    assert "csrfmiddlewaretoken" in page


def test_each_refusal_is_told_by_id_and_stops_nobody_else(client, admin, person):
    asked, erased = DeletionRequestFactory().user, UserFactory(anonymized_at=NOW)
    other = UserFactory()

    done = confirm(client, USERS, "request_deletion", [asked, admin, person, erased, other])

    assert DeletionRequest.objects.filter(user__in=[person, other]).count() == 2
    assert not DeletionRequest.objects.filter(user__in=[admin, erased]).exists()
    *refusals, success = told(done)
    assert sorted(refusals) == sorted(
        [
            f"User {admin.pk}: {LastSuperuser.message}",
            f"User {asked.pk}: {AlreadyRequested.message}",
            f"User {erased.pk}: {AlreadyErased.message}",
        ]
    )
    assert success.startswith(f"The deletion of users {person.pk}, {other.pk} was requested.")


def test_staff_are_refused_a_full_deletion_and_can_be_anonymised(client, admin):
    staff = UserFactory(is_staff=True)

    assert told(confirm(client, USERS, "request_full_deletion", [staff])) == [
        f"User {staff.pk}: {StaffAreAnonymised.message}"
    ]
    assert not DeletionRequest.objects.exists()
    confirm(client, USERS, "request_deletion", [staff])
    assert DeletionRequest.objects.get().user == staff


def test_a_user_who_has_gone_since_is_told_by_id(client, person):
    pk = person.pk
    choose(client, USERS, "request_deletion", [person])
    vanish(person)

    sent = {"action": "request_deletion", "confirmed": "yes", "channel": "email", helpers.ACTION_CHECKBOX_NAME: [pk]}
    done = client.post(USERS, sent)

    assert told(done) == [f"User {pk}: There is no user with this id."]


def test_only_a_superuser_asks_for_the_deletion_of_a_superuser(admin, person):
    UserFactory(is_superuser=True)
    helper = logged_in(staff_with("view_user", "add_deletionrequest"))

    done = confirm(helper, USERS, "request_deletion", [admin, person])

    assert DeletionRequest.objects.get().user == person
    assert f"User {admin.pk}: {RightsBeyondYours.message}" in told(done)


def test_a_filter_of_the_list_drops_nobody_who_was_confirmed(client, person):
    address = f"{USERS}?deletion_requested_at__isempty=1"
    assert choose(client, address, "request_deletion", [person]).status_code == 200
    User.objects.filter(pk=person.pk).update(deletion_requested_at=NOW)

    done = confirm(client, address, "request_deletion", [person])

    assert done.url == address
    assert DeletionRequest.objects.get().user == person


def test_all_of_a_long_list_at_once_are_too_many(client, monkeypatch):
    monkeypatch.setattr(confirmation, "MOST", 3)
    users = UserFactory.create_batch(4)

    for done in (
        choose(client, USERS, "request_deletion", users[:1], select_across=1),
        confirm(client, USERS, "request_deletion", users),
    ):
        assert done.status_code == 302
        assert told(done)[-1] == "Select at most 3 rows. Nothing was done."
    assert not DeletionRequest.objects.exists()


def test_how_a_request_came_in_has_to_be_told_and_is_kept_with_who_verified_it(client, admin, person):
    for channel in ("", "pigeon", "site"):
        page = confirm(client, USERS, "request_deletion", [person], channel=channel)
        assert page.context["form"].errors["channel"]
        assert not DeletionRequest.objects.exists()

    confirm(client, USERS, "request_deletion", [person], channel="letter")

    made = DeletionRequest.objects.get()
    assert (made.channel, made.verified_by) == ("letter", admin)
    page = get(client, url(DeletionRequest, "change", made.pk)).content.decode()
    assert "By letter" in page
    assert AuditLog.objects.get().metadata["channel"] == "letter"


def test_more_than_ten_at_once_need_their_number(client):
    users = UserFactory.create_batch(MANY + 1)
    assert "Number of accounts" in choose(client, USERS, "request_deletion", users).content.decode()
    assert "Number of accounts" not in choose(client, USERS, "request_deletion", users[:MANY]).content.decode()

    for number in ("", "yes", str(MANY), str(MANY + 2), "-1"):
        page = confirm(client, USERS, "request_deletion", users, number=number)
        assert page.context["form"].errors["number"]
        assert not DeletionRequest.objects.exists()

    confirm(client, USERS, "request_deletion", users, number=str(MANY + 1))
    assert DeletionRequest.objects.count() == MANY + 1


def test_ten_at_once_need_no_number(client):
    confirm(client, USERS, "request_deletion", UserFactory.create_batch(MANY))

    assert DeletionRequest.objects.count() == MANY

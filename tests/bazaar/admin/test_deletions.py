"""Asking for deletions in the list of users, cancelling them in the list of requests, and what that list shows."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin import helpers
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.formats import date_format

from bazaar.admin import confirmation
from bazaar.admin.account_deletion import MANY
from bazaar.admin.deletions import in_words
from bazaar.admin.moments import in_utc
from bazaar.deletion_errors import (
    AlreadyErased,
    AlreadyRequested,
    LastSuperuser,
    NothingToApprove,
    NotPending,
    RightsBeyondYours,
    SamePerson,
    StaffAreAnonymised,
)
from bazaar.erasure import erase
from bazaar.models import AuditLog, DeletionRequest, User
from tests.bazaar.admin.pages import get, logged_in, url
from tests.bazaar.erasure.rows import vanish
from tests.factories import DeletionRequestFactory, PushTokenFactory, UserFactory

pytestmark = pytest.mark.django_db

USERS = url(User, "changelist")
REQUESTS = url(DeletionRequest, "changelist")
MODES = pytest.mark.parametrize(
    ("action", "anonymize"), [("request_deletion", True), ("request_full_deletion", False)], ids=["anonymise", "full"]
)
ACTIONS = [
    (USERS, "request_deletion"),
    (USERS, "request_full_deletion"),
    (REQUESTS, "approve_requests"),
    (REQUESTS, "cancel_requests"),
]
NEEDED = {"approve_requests": "add_deletionrequest", "cancel_requests": "change_deletionrequest"}
NOW = timezone.now()


@pytest.fixture(autouse=True)
def static_root(settings, tmp_path):
    settings.STATIC_ROOT = str(tmp_path)  # whitenoise warns where there is none


@pytest.fixture
def admin():
    return UserFactory(is_staff=True, is_superuser=True)


@pytest.fixture
def client(admin):
    return logged_in(admin)


@pytest.fixture
def person():
    return UserFactory(email="ann.canary@example.org", name="Ann Canary", bio="Canaries are my life.")


def staff_with(*permissions):
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def choose(client, address, action, rows, **more):
    """Choose rows in a list, and an action."""
    return client.post(address, {"action": action, "index": 0, helpers.ACTION_CHECKBOX_NAME: pks(rows), **more})


def confirm(client, address, action, rows, **more):
    """Send what the form of the page that asks sends."""
    data = {"action": action, "confirmed": "yes", "channel": "email", helpers.ACTION_CHECKBOX_NAME: pks(rows), **more}
    return client.post(address, data)


def pks(rows):
    return [row.pk for row in rows]


def told(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def words_of(user):
    return [user.email, user.name, user.bio]


# Asking


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


# The second person


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
    request = DeletionRequest.objects.request(person)
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


# The list


def test_the_list_says_in_words_when_a_request_is_due(client):
    soon = DeletionRequestFactory(scheduled_for=timezone.now() + timedelta(days=3, hours=1))
    late = DeletionRequestFactory(scheduled_for=NOW - timedelta(days=40))
    over = DeletionRequestFactory(scheduled_for=NOW - timedelta(days=40), status="cancelled")

    page = get(client, REQUESTS).content.decode()

    assert page.count('<td class="field-due nowrap">') + page.count('<td class="field-due">') == 3
    assert "due in 3\xa0days" in page
    assert f"overdue since {in_utc(late.scheduled_for)}" in page
    assert page.count("overdue since") == 1
    for request in (soon, late, over):
        assert url(User, "change", request.user_pk) in page
        assert request.user.email not in page


def test_the_list_begins_with_what_is_due_next_and_goes_on_with_the_latest_of_the_others(client):
    soon, late, overdue = (DeletionRequestFactory(scheduled_for=NOW + timedelta(days=days)) for days in (3, 9, -1))
    done, cancelled = (DeletionRequestFactory(status=status) for status in ("completed", "cancelled"))

    listed = list(get(client, REQUESTS).context["cl"].result_list)

    assert listed == [overdue, soon, late, cancelled, done]


@pytest.mark.parametrize(
    ("off", "words"),
    [
        (timedelta(0), "due in 0\xa0minutes"),
        (timedelta(microseconds=-1), "overdue since"),
        (timedelta(hours=5, minutes=10), "due in 5\xa0hours"),
        (timedelta(days=1), "due in 1\xa0day"),
        (timedelta(days=-3), "overdue since"),
    ],
)
def test_due_in_words(off, words):
    assert in_words(NOW + off, NOW).startswith(words)


def test_a_request_whose_user_is_gone_names_the_id_without_a_link(client, person):
    request = DeletionRequestFactory(user=person, scheduled_for=NOW - timedelta(days=1), anonymize_contributions=False)
    with transaction.atomic():
        erase(request.pk, NOW)

    page = get(client, REQUESTS).content.decode()

    assert f'<td class="field-whose">{request.user_pk}</td>' in page
    assert url(User, "change", request.user_pk) not in page


def test_the_list_is_filtered_by_state_and_by_what_is_due(client):
    day = timedelta(days=1)
    made = {
        "overdue": DeletionRequestFactory(scheduled_for=NOW - day),
        "soon": DeletionRequestFactory(scheduled_for=timezone.now() + 6 * day),
        "later": DeletionRequestFactory(scheduled_for=timezone.now() + 8 * day),
        "cancelled": DeletionRequestFactory(scheduled_for=NOW - day, status="cancelled"),
    }

    def found(**filters):
        return set(get_list(client, filters).context["cl"].result_list)

    for name in ("overdue", "soon", "later"):
        assert found(due=name) == {made[name]}
    assert found(status__exact="cancelled") == {made["cancelled"]}
    assert found(due="nonsense") == found() == set(made.values())


def get_list(client, filters):
    response = client.get(REQUESTS, filters)
    assert response.status_code == 200
    return response


@pytest.mark.parametrize(("address", "action"), ACTIONS)
def test_the_page_that_asks_takes_as_many_queries_for_thirty_rows_as_for_three(client, address, action):
    rows = DeletionRequestFactory.create_batch(30)
    rows = [row.user for row in rows] if address == USERS else rows
    choose(client, address, action, rows[:1])  # content types are read once
    counts = []
    for number in (3, 30):
        with CaptureQueriesContext(connection) as queries:
            page = choose(client, address, action, rows[:number])
            assert len(page.context["items"]) == number
        counts.append(len(queries))

    assert counts[0] == counts[1]


# The page of one request


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

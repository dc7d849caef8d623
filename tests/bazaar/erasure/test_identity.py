"""Whose row is it? What holds an address is its holder's at the time; what names an account is that account's."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.utils import timezone

from bazaar.erasure.identity import Period, identity_of
from bazaar.models import Invitation, LoginAttempt, MagicLinkToken, Notification, Session, User, UserFormerEmail
from bazaar.sessions import SessionStore
from maintenance.models import Pause
from tests.factories import (
    AuditLogFactory,
    InvitationFactory,
    LoginAttemptFactory,
    MagicLinkTokenFactory,
    NotificationFactory,
    ProjectFactory,
    UserFactory,
    UserFormerEmailFactory,
)

pytestmark = pytest.mark.django_db

SHARED = "shared@example.org"
START = datetime(2026, 1, 1, tzinfo=UTC)


def day(number):
    return START + timedelta(days=number)


@pytest.fixture
def holders():
    """Two users who had the same address one after the other; neither has it now."""
    first, second = (UserFactory(created_at=day(0)) for _ in range(2))
    UserFormerEmailFactory(user=first, email=SHARED, held_from=day(10), held_until=day(20))
    UserFormerEmailFactory(user=second, email=SHARED, held_from=day(30), held_until=day(40))
    return first, second


@pytest.mark.parametrize("anonymize", [True, False])
@pytest.mark.parametrize(("when", "holder"), [(5, 0), (10, 0), (19, 0), (20, 1), (25, 1), (30, 1), (39, 1), (45, 1)])
def test_a_row_belongs_to_the_holder_at_its_time(erase_user, holders, when, holder, anonymize):
    MagicLinkTokenFactory(email=SHARED, created_at=day(when))
    LoginAttemptFactory(email=SHARED, user=None, created_at=day(when))
    InvitationFactory(email=SHARED, accepted_at=day(when), created_at=day(when))
    notification = NotificationFactory(body=SHARED, created_at=day(when))
    tables = (MagicLinkToken, LoginAttempt, Invitation)

    evidence = erase_user(holders[1 - holder], anonymize=anonymize)

    assert all(table.objects.exists() for table in tables)
    notification.refresh_from_db()
    assert notification.body == SHARED
    of_others = dict.fromkeys(
        ["bazaar.MagicLinkToken", "bazaar.LoginAttempt", "bazaar.Invitation", "bazaar.Notification"], 1
    )
    assert evidence.as_json()["rows_of_others"] == of_others

    erase_user(holders[holder], anonymize=anonymize)

    assert not any(table.objects.exists() for table in tables)
    notification.refresh_from_db()
    assert notification.body == "[removed]"


@pytest.mark.parametrize("anonymize", [True, False])
def test_a_row_that_names_another_account_is_that_accounts(erase_user, anonymize):
    user = UserFactory(email="ann@example.org")
    attempt = LoginAttemptFactory(email="ann@example.org", user=UserFactory())

    evidence = erase_user(user, anonymize=anonymize)

    assert list(LoginAttempt.objects.all()) == [attempt]
    assert evidence.as_json()["rows_of_others"] == {"bazaar.LoginAttempt": 1}


@pytest.mark.parametrize("anonymize", [True, False])
def test_two_accounts_that_had_an_address_in_turn_do_not_touch_each_others_rows(erase_user, anonymize):
    """As an application does it, with nothing but changes of address."""
    first = UserFactory(email=SHARED)
    theirs = MagicLinkTokenFactory(email=SHARED)
    first.change_email("first@example.org")
    second = UserFactory(email=SHARED)
    attempt = LoginAttemptFactory(user=second, email=SHARED)
    invitation = InvitationFactory(email=SHARED, accepted_at=timezone.now())
    notification = NotificationFactory(user=second, body=f"Welcome, {SHARED}")
    log = AuditLogFactory(user=None, metadata={"note": SHARED})
    second.change_email("second@example.org")
    assert MagicLinkToken.objects.get() == theirs

    erase_user(first, anonymize=anonymize)

    assert not MagicLinkToken.objects.exists()
    assert list(LoginAttempt.objects.all()) == [attempt]
    assert list(Invitation.objects.all()) == [invitation]
    assert Notification.objects.get().body == notification.body
    log.refresh_from_db()
    assert log.metadata == {"note": SHARED}


def test_a_text_with_the_addresses_of_two_times_loses_those_of_its_own_time(erase_user, holders):
    UserFormerEmailFactory(user=holders[0], email="own@example.org", held_from=day(0), held_until=day(10))
    project = ProjectFactory(description=f"{SHARED}, own@example.org", created_at=day(35))

    erase_user(holders[0])

    project.refresh_from_db()
    assert project.description == f"{SHARED}, [removed]"


def test_an_address_that_nobody_else_had_is_theirs_at_any_time():
    user = UserFactory(email="ann@example.org")

    identity = identity_of([user.pk])

    assert identity.addresses == {"ann@example.org"}
    assert identity.shared == {}
    assert identity.addresses_at(day(-999)) == identity.addresses


def test_periods_begin_with_the_end_of_the_holder_before(holders):
    assert identity_of([holders[0].pk]).shared == {SHARED: (Period(None, day(20)),)}
    assert identity_of([holders[1].pk]).shared == {SHARED: (Period(day(20), None),)}


# A change of address is never forgotten


def _save(user, address):
    user.email = address
    user.save()


CHANGES = {
    "change_email": lambda user, address: user.change_email(address),
    "save": _save,
    "update": lambda user, address: User.objects.filter(pk=user.pk).update(email=address),
    "bulk_update": lambda user, address: (setattr(user, "email", address), User.objects.bulk_update([user], ["email"])),
    "sql": lambda user, address: connection.cursor().execute(
        "UPDATE bazaar_user SET email = %s WHERE id = %s", [address, user.pk]
    ),
}


@pytest.mark.parametrize("way", CHANGES)
@pytest.mark.parametrize("anonymize", [True, False])
def test_old_rows_are_found_however_the_address_was_changed(erase_user, way, anonymize):
    user = UserFactory(email="before@example.org")
    MagicLinkTokenFactory(email="before@example.org")

    CHANGES[way](user, "after@example.org")

    former = UserFormerEmail.objects.get()
    assert (former.email, former.held_from) == ("before@example.org", user.created_at)
    assert former.held_until >= former.held_from
    assert MagicLinkToken.objects.exists()
    user.refresh_from_db()
    erase_user(user, anonymize=anonymize)
    assert not MagicLinkToken.objects.exists()
    assert not UserFormerEmail.objects.exists()


def test_each_change_begins_where_the_one_before_ended():
    user = UserFactory(email="a@example.org")
    for address in ("b@example.org", "a@example.org", "c@example.org"):
        user.change_email(address)

    first, second = UserFormerEmail.objects.order_by("pk")
    assert [row.email for row in (first, second)] == ["a@example.org", "b@example.org"]
    assert user.created_at == first.held_from <= second.held_from <= second.held_until <= first.held_until


def test_who_comes_back_to_an_address_that_somebody_else_had_meanwhile_holds_it_twice():
    user, other = UserFactory(email=SHARED), UserFactory(email="other@example.org")
    user.change_email("a@example.org")
    other.change_email(SHARED)
    other.change_email("b@example.org")
    user.change_email(SHARED)
    user.change_email("c@example.org")

    of_theirs = identity_of([user.pk]).shared[SHARED]
    (of_the_other,) = identity_of([other.pk]).shared[SHARED]

    assert len(of_theirs) == 2
    assert of_theirs[0].end == of_the_other.start <= of_the_other.end == of_theirs[1].start


def test_what_changes_no_address_leaves_no_former_one():
    user = UserFactory()
    user.name = "Another"
    user.save()

    assert not UserFormerEmail.objects.exists()


def test_the_migration_tells_times_for_what_is_there(migrate):
    old = migrate("bazaar", "0003_uploads_indexed_until_condemned")
    user = old.get_model("bazaar", "User").objects.create(email="now@example.org", created_at=day(1))
    for number in (5, 9):
        old.get_model("bazaar", "UserFormerEmail").objects.create(
            user=user, email=f"{number}@example.org", created_at=day(number)
        )

    migrate("bazaar", "0004_addresses_held_for_a_time")
    migrate()

    rows = UserFormerEmail.objects.order_by("held_until").values_list("email", "held_from", "held_until")
    assert list(rows) == [("5@example.org", day(1), day(5)), ("9@example.org", day(5), day(9))]


@pytest.mark.parametrize("anonymize", [True, False])
def test_what_has_no_time_is_of_who_has_the_address_now(erase_user, anonymize):
    """An account's own profile and session, and rows that tell no time, are as of today."""
    former, present = UserFactory(created_at=day(0)), UserFactory(created_at=day(0), bio=f"Write to {SHARED}")
    UserFormerEmailFactory(user=former, email=SHARED, held_from=day(0), held_until=day(20))
    present.change_email(SHARED)
    store = SessionStore()
    data = store.encode({"_auth_user_id": str(present.pk), "draft": SHARED})
    soon = timezone.now() + timedelta(days=1)
    session = Session.objects.create(session_key="a" * 32, session_data=data, expire_date=soon, user=present)
    group, pause = Group.objects.create(name=f"of {SHARED}"), Pause.objects.create(reason=f"for {SHARED}")

    erase_user(former, anonymize=anonymize)

    for row, field in ((present, "bio"), (group, "name"), (pause, "reason")):
        row.refresh_from_db()
        assert SHARED in getattr(row, field)
    assert Session.objects.get() == session

    erase_user(present, anonymize=anonymize)

    assert not Session.objects.exists()
    for row, field in ((group, "name"), (pause, "reason")):
        row.refresh_from_db()
        assert SHARED not in getattr(row, field)

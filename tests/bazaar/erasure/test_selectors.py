"""What others keep about the person: logs, notifications, links, invitations, found by id and by address."""

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from bazaar.models import (
    AuditLog,
    Invitation,
    LoginAttempt,
    MagicLinkToken,
    Notification,
    Session,
    User,
)
from tests.bazaar.erasure.rows import columns, entry_about
from tests.factories import (
    AuditLogFactory,
    InvitationFactory,
    LoginAttemptFactory,
    MagicLinkTokenFactory,
    NotificationFactory,
    PushTokenFactory,
    SessionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.mark.parametrize("anonymize", [True, False])
def test_rows_are_found_by_address_whatever_its_case_and_by_former_addresses(erase_user, anonymize):
    user = User.objects.create_user("Ann.Before@Example.ORG")
    user.change_email("ANN@example.org")
    for address in ("ann@EXAMPLE.org", "ann.before@example.org"):
        MagicLinkTokenFactory(email=address)
        LoginAttemptFactory(email=address, user=None)
        InvitationFactory(email=address, accepted_at=NOW)
    neighbours = [MagicLinkTokenFactory(email="joann@example.org"), InvitationFactory(email="annie@example.org")]

    erase_user(user, anonymize=anonymize)

    left = [*MagicLinkToken.objects.all(), *LoginAttempt.objects.all(), *Invitation.objects.all()]
    assert left == neighbours


def test_a_former_address_that_somebody_else_has_now_is_theirs(erase_user):
    user = UserFactory(email="shared@example.org")
    user.change_email("ann@example.org")
    UserFactory(email="shared@example.org")
    link = MagicLinkTokenFactory(email="shared@example.org")

    erase_user(user)

    assert list(MagicLinkToken.objects.all()) == [link]


def test_invitations_that_were_answered_stay_when_the_sender_is_anonymised(erase_user):
    user = UserFactory()
    answered = [
        InvitationFactory(invited_by=user, accepted_at=NOW),
        InvitationFactory(invited_by=user, declined_at=NOW),
    ]
    InvitationFactory(invited_by=user)

    erase_user(user)

    assert list(Invitation.objects.order_by("pk")) == answered


@pytest.mark.parametrize("anonymize", [True, False])
def test_audit_logs_about_the_person_name_nobody(erase_user, anonymize):
    user, admin = UserFactory(), UserFactory()
    metadata = {"email": user.email, "count": 3}
    AuditLogFactory(user=user, metadata=metadata)
    AuditLogFactory(user=admin, subject=user, metadata=metadata)
    AuditLogFactory(user=admin, resource_type="user", resource_id=str(user.pk), metadata=metadata)
    other = AuditLogFactory(user=admin, resource_type="user", resource_id=str(admin.pk))

    erase_user(user, anonymize=anonymize)

    logs = AuditLog.objects.exclude(action="account.erased").order_by("pk")
    found = [columns(log, "user_id", "subject_id", "ip_address", "user_agent", "metadata") for log in logs[:3]]
    empty = {"subject_id": None, "ip_address": None, "user_agent": None, "metadata": {"count": 3}}
    assert found == [{"user_id": None, **empty}, {"user_id": admin.pk, **empty}, {"user_id": admin.pk, **empty}]
    assert [log.resource_type for log in logs if log.resource_id is None] == ["user"]
    assert AuditLog.objects.get(pk=other.pk).ip_address == other.ip_address


def test_notifications_about_the_person_say_deleted_user(erase_user):
    user = UserFactory()
    about = NotificationFactory(actor=user, title="Ann likes it", data={"who": "Ann"})
    mentioning = NotificationFactory(body=f"From {user.email.upper()}.", data={user.email: [user.email]})
    NotificationFactory(user=user)

    erase_user(user)

    assert list(Notification.objects.order_by("pk")) == [about, mentioning]
    about.refresh_from_db()
    mentioning.refresh_from_db()
    assert (about.actor, about.title, about.body, about.data) == (None, "[Deleted User]", "", {})
    assert mentioning.body == "From [removed]."
    assert mentioning.data == {"[removed-1]": ["[removed]"]}


def test_sessions_end(erase_user):
    user, other = UserFactory(), SessionFactory()
    SessionFactory(user=user)

    erase_user(user)

    assert list(Session.objects.all()) == [other]


@pytest.mark.parametrize("anonymize", [True, False])
def test_the_admin_log_says_deleted_user(erase_user, anonymize):
    user, admin = UserFactory(), UserFactory(is_staff=True)
    about = [entry_about(user, admin), entry_about(PushTokenFactory(user=user), admin)]
    other = entry_about(UserFactory(), admin)

    erase_user(user, anonymize=anonymize)

    for entry in about:
        entry.refresh_from_db()
        assert (entry.object_repr, entry.change_message) == ("[Deleted User]", "")
    assert LogEntry.objects.get(pk=other.pk).object_repr == "Ann Smith"

"""What was written about a person after the erasure is found by the id and goes; verify says what is left."""

from datetime import timedelta

import pytest
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from bazaar.erasure import recheck, sweep_mentions, verify
from bazaar.models import AuditLog, Notification, User
from tests.bazaar.erasure.canary import everything
from tests.factories import (
    AuditLogFactory,
    CollaboratorFactory,
    LoginAttemptFactory,
    MagicLinkTokenFactory,
    NotificationFactory,
    ProjectFactory,
    PushTokenFactory,
    SessionFactory,
    UpvoteFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def test_what_was_written_afterwards_goes(erase_user):
    user = UserFactory()
    erase_user(user, now=NOW)
    SessionFactory(user=user)
    LoginAttemptFactory(user=user)
    log = AuditLogFactory(subject=user, metadata={"email": "x"})
    notification = NotificationFactory(actor=user)

    found = recheck(NOW)

    assert found.deleted == {"bazaar.Session": 1, "bazaar.LoginAttempt": 1}
    assert found.changed == {"bazaar.AuditLog": 1, "bazaar.Notification": 1}
    log.refresh_from_db()
    notification.refresh_from_db()
    assert (log.subject, log.metadata, notification.actor) == (None, {}, None)


def test_a_user_row_saved_from_an_old_copy_is_anonymised_again(erase_user):
    user = UserFactory(email="ann@example.org", name="Ann")
    MagicLinkTokenFactory(email="ann@example.org")
    erase_user(user, now=NOW)
    user.save()
    MagicLinkTokenFactory(email="ann@example.org")
    NotificationFactory(body="ann@example.org")

    found = recheck(NOW)

    again = User.objects.get(pk=user.pk)
    assert (again.email, again.name) == (f"deleted-{user.pk}@deleted.local", "[Deleted User]")
    assert again.anonymized_at == NOW
    assert found.deleted == {"bazaar.MagicLinkToken": 1}
    assert found.changed == {"bazaar.User": 1, "bazaar.Notification": 1}


def test_a_deleted_user_who_was_saved_again_goes_again(erase_user):
    user, pk = (user := UserFactory()), user.pk
    project = CollaboratorFactory(role="creator").project
    erase_user(user, anonymize=False, now=NOW)
    user.save()
    UpvoteFactory(user=user, project=project)

    found = recheck(NOW)

    assert not User.objects.filter(pk=pk).exists()
    assert found.deleted == {"bazaar.User": 1, "bazaar.Upvote": 1}


def test_somebody_else_with_the_same_id_is_left_alone(erase_user):
    user, pk = (user := UserFactory()), user.pk
    erase_user(user, anonymize=False, now=NOW)
    PushTokenFactory(user=UserFactory(pk=pk))

    assert not recheck(NOW)
    assert verify() == []


def test_a_second_look_writes_nothing_where_there_is_nothing(erase_user):
    erase_user(UserFactory(), now=NOW)
    erase_user(UserFactory(), anonymize=False, now=NOW)
    before = everything()

    assert not recheck(NOW)
    assert everything() == before


@pytest.mark.parametrize(("ago", "is_seen"), [(timedelta(days=7), True), (timedelta(days=7, microseconds=1), False)])
def test_the_second_look_goes_back_seven_days(erase_user, ago, is_seen):
    user = UserFactory()
    erase_user(user, now=NOW)
    SessionFactory(user=user)

    assert bool(recheck(NOW + ago)) is is_seen


@pytest.mark.django_db(transaction=True)
def test_sweep_and_second_look_need_a_transaction():
    with pytest.raises(TransactionManagementError):
        recheck(NOW)
    with pytest.raises(TransactionManagementError):
        sweep_mentions(["ann@example.org"], NOW)


def test_a_sweep_removes_addresses_and_nothing_else():
    project = ProjectFactory(description="Ask Ann (ann@example.org) or Ben (ben@example.org).")
    log = AuditLogFactory(metadata={"email": "cat@example.org", "note": "ANN@example.org"})
    neighbour = NotificationFactory(body="joann@example.org")
    before = Notification.objects.filter(pk=neighbour.pk).values().get()

    found = sweep_mentions(["ann@example.org", "ben@example.org"], NOW, chunk=1)

    assert found.changed == {"bazaar.Project": 1, "bazaar.AuditLog": 1}
    project.refresh_from_db()
    log.refresh_from_db()
    assert project.description == "Ask Ann ([removed]) or Ben ([removed])."
    assert log.metadata == {"email": "cat@example.org", "note": "[removed]"}
    assert log.ip_address
    assert Notification.objects.filter(pk=neighbour.pk).values().get() == before


def test_many_addresses_are_swept_in_parts():
    notifications = [NotificationFactory(body=f"user-{number}@example.org") for number in (0, 150, 249)]

    sweep_mentions((f"user-{number}@example.org" for number in range(250)), NOW)

    assert {Notification.objects.get(pk=row.pk).body for row in notifications} == {"[removed]"}


def test_an_erasure_after_a_sweep_looks_at_what_was_written_since(erase_user):
    user = UserFactory(email="ann@example.org")
    old, new = (AuditLogFactory(metadata={"note": "ann@example.org"}) for _ in range(2))
    AuditLog.objects.filter(pk=old.pk).update(created_at=NOW - timedelta(minutes=11))
    AuditLog.objects.filter(pk=new.pk).update(created_at=NOW - timedelta(minutes=9))

    erase_user(user, swept_at=NOW)

    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.metadata["note"], new.metadata["note"]) == ("ann@example.org", "[removed]")

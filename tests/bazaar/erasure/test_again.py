"""What was written about a person after the erasure is found by the id and goes; verify says what is left."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from bazaar.erasure import Finding, look_again, sweep_mentions, verify
from bazaar.models import AuditLog, DeletionRequest, Notification, User
from bazaar.models.deletions import UnknownUser
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

    found = look_again(NOW)

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

    found = look_again(NOW)

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

    found = look_again(NOW)

    assert not User.objects.filter(pk=pk).exists()
    assert found.deleted == {"bazaar.User": 1, "bazaar.Upvote": 1}


def test_somebody_else_with_the_same_id_is_left_alone(erase_user):
    user, pk = (user := UserFactory()), user.pk
    erase_user(user, anonymize=False, now=NOW)
    PushTokenFactory(user=UserFactory(pk=pk))

    assert not look_again(NOW)
    assert verify() == []


def test_a_second_look_writes_nothing_where_there_is_nothing(erase_user):
    erase_user(UserFactory(), now=NOW)
    erase_user(UserFactory(), anonymize=False, now=NOW)
    before = everything()

    assert not look_again(NOW)
    assert everything() == before


@pytest.mark.parametrize(("ago", "is_seen"), [(timedelta(days=7), True), (timedelta(days=7, microseconds=1), False)])
def test_the_second_look_goes_back_seven_days(erase_user, ago, is_seen):
    user = UserFactory()
    erase_user(user, now=NOW)
    SessionFactory(user=user)

    assert bool(look_again(NOW + ago)) is is_seen


@pytest.mark.django_db(transaction=True)
def test_sweep_and_second_look_need_a_transaction():
    with pytest.raises(TransactionManagementError):
        look_again(NOW)
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


# Verify


def test_verify_names_what_is_left_of_whom(erase_user):
    clean, user = UserFactory(), UserFactory()
    for person in (clean, user):
        erase_user(person)
    assert verify() == []
    tokens = [PushTokenFactory(user=user) for _ in range(2)]

    expected = [
        Finding(
            user.pk, "bazaar.PushToken", ("user", "token", "platform", "last_used_at"), 2, tuple(t.pk for t in tokens)
        )
    ]
    assert verify() == expected
    assert verify(user.pk) == expected
    assert verify(clean.pk) == []


def test_verify_of_a_live_user_says_what_an_erasure_would_find():
    user = UserFactory()
    PushTokenFactory(user=user)

    assert [finding.model for finding in verify(user.pk)] == ["bazaar.PushToken", "bazaar.User"]


def test_an_erasure_whose_evidence_does_not_name_the_person_is_looked_at_again(erase_user):
    user = UserFactory()
    erase_user(user, now=NOW)
    DeletionRequest.objects.update(evidence={})
    token = PushTokenFactory(user=user)

    assert [finding.ids for finding in verify()] == [(token.pk,)]
    assert look_again(NOW).deleted == {"bazaar.PushToken": 1}


def test_verify_looks_at_the_anonymised_who_made_no_request():
    user = UserFactory(anonymized_at=NOW)

    assert {finding.user_id for finding in verify()} == {user.pk}


def test_verify_of_nobody_does_not_say_that_nothing_is_left():
    with pytest.raises(UnknownUser):
        verify(404)


def run_verify(*arguments):
    output = StringIO()
    status = 0
    try:
        call_command("personal_data", "verify", *arguments, stdout=output, stderr=output)
    except SystemExit as end:
        status = end.code
    return status, output.getvalue()


def test_verify_command_tells_by_its_exit_status(erase_user):
    user = UserFactory()
    erase_user(user)
    assert run_verify() == (0, "Nothing is left.\n")
    session = SessionFactory(user=user)

    status, output = run_verify("--user", str(user.pk))

    assert status == 1
    assert output.splitlines() == [
        f"User {user.pk}: 1 of bazaar.Session (user, session_key, session_data): {session.pk}",
        "Something is left.",
    ]


def test_verify_command_prints_json(erase_user):
    user = UserFactory()
    erase_user(user)
    PushTokenFactory(user=user)

    status, output = run_verify("--json")

    assert status == 1
    assert [(finding["user_id"], finding["count"]) for finding in json.loads(output)] == [(user.pk, 1)]


def test_verify_command_of_nobody_is_wrong_usage():
    with transaction.atomic():
        assert run_verify("--user", "404") == (2, "There is no user with this id.\n")

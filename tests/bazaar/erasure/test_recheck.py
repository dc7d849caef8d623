"""What was written about a person after the erasure is found by the id and goes; verify says what is left."""

from datetime import timedelta

import pytest
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from bazaar.erasure import recheck, verify
from bazaar.models import DeletionRequest, User
from tests.bazaar.erasure.canary import everything
from tests.factories import (
    AuditLogFactory,
    CollaboratorFactory,
    LoginAttemptFactory,
    NotificationFactory,
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
def test_a_recheck_needs_a_transaction():
    with pytest.raises(TransactionManagementError):
        recheck(NOW)


def test_an_erasure_whose_evidence_does_not_name_the_person_is_rechecked(erase_user):
    user = UserFactory()
    erase_user(user, now=NOW)
    DeletionRequest.objects.update(evidence={})
    token = PushTokenFactory(user=user)

    assert [finding.ids for finding in verify()] == [(token.pk,)]
    assert recheck(NOW).deleted == {"bazaar.PushToken": 1}

"""What was written about a person after the erasure is found by the id and goes; verify says what is left."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from bazaar.erasure import recheck, verify
from bazaar.erasure.actions import KEEP
from bazaar.erasure.inventory import collect
from bazaar.erasure.recheck import _references
from bazaar.models import DeletionRequest, User
from tests.bazaar.erasure.canary import everything
from tests.factories import (
    AuditLogFactory,
    LoginAttemptFactory,
    NotificationFactory,
    PushTokenFactory,
    SessionFactory,
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


@pytest.mark.parametrize("days", [8, 800])
def test_a_recheck_looks_however_old_the_erasure_is(erase_user, days):
    user = UserFactory()
    erase_user(user)
    DeletionRequest.objects.update(completed_at=NOW - timedelta(days=days))
    SessionFactory(user=user)

    assert recheck(NOW).deleted == {"bazaar.Session": 1}


def test_the_time_of_a_log_in_goes(erase_user):
    user = UserFactory()
    erase_user(user)
    User.objects.filter(pk=user.pk).update(last_login=NOW)

    assert recheck(NOW).changed == {"bazaar.User": 1}
    assert not recheck(NOW)


def test_accounts_are_looked_at_in_chunks_of_any_size(erase_user):
    users = [UserFactory() for _ in range(5)]
    for user in users:
        erase_user(user, now=NOW)
    for user in users[1:4]:
        PushTokenFactory(user=user)

    assert recheck(NOW, chunk=2).deleted == {"bazaar.PushToken": 3}
    assert not recheck(NOW, chunk=2)


def test_each_column_that_an_erasure_empties_is_looked_at():
    """By the foreign keys to the account that neither an anonymised row keeps nor the account itself has."""
    looked_at = {(step.label, part.field) for step, part in _references()}
    kept = {
        (policy.model, name)
        for policy in collect()
        for name in policy.fields
        if policy.anonymise is KEEP and policy.selector
    }
    keys = {
        (model._meta.label, field.name)
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if field.related_model is User and model is not User
    }

    assert keys - kept <= looked_at


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

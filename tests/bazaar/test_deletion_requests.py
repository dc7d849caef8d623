"""Requests to delete an account: made, refused, cancelled."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bazaar.deletion_errors import (
    AlreadyErased,
    AlreadyRequested,
    DeletionError,
    LastSuperuser,
    NotPending,
    StaffAreAnonymised,
    UnknownUser,
)
from bazaar.deletion_requests import cancel_request, make_request
from bazaar.models import AuditLog, DeletionRequest, User
from bazaar.redaction import clean
from tests.bazaar.erasure.rows import vanish
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def test_a_request_promises_a_date_and_keeps_it(settings):
    user = UserFactory()
    settings.DELETION_GRACE_DAYS = 14

    request = make_request(user, now=NOW)
    settings.DELETION_GRACE_DAYS = 90

    request.refresh_from_db()
    assert (request.status, request.user, request.user_pk) == ("pending", user, user.pk)
    assert request.anonymize_contributions
    assert (request.requested_at, request.scheduled_for) == (NOW, NOW + timedelta(days=14))
    assert User.objects.get(pk=user.pk).deletion_requested_at == NOW
    assert user.deletion_requested_at == NOW
    assert not DeletionRequest.objects.due(NOW + timedelta(days=14)).exists()
    assert DeletionRequest.objects.due(NOW + timedelta(days=14, microseconds=1)).get() == request


def test_the_account_can_be_used_in_the_grace_period():
    user = UserFactory()

    make_request(user)

    user.refresh_from_db()
    assert user.is_active


def test_requests_and_cancellations_are_in_the_audit_log_without_personal_data():
    user, admin = UserFactory(), UserFactory()

    request = make_request(user, by=admin, anonymize=False)
    cancel_request(request, reason="not_the_owner")

    made, cancelled = AuditLog.objects.order_by("pk")
    assert (made.action, made.user, made.subject) == ("deletion.requested", admin, user)
    assert (cancelled.action, cancelled.user, cancelled.subject) == ("deletion.cancelled", None, user)
    for entry in (made, cancelled):
        assert (entry.resource_type, entry.resource_id) == ("deletion_request", str(request.pk))
        assert entry.metadata
        assert clean(entry.metadata) is entry.metadata


@pytest.mark.parametrize(
    ("fields", "options", "error"),
    [
        ({"is_superuser": True, "is_staff": True}, {}, LastSuperuser),
        ({"is_staff": True}, {"anonymize": False}, StaffAreAnonymised),
        ({"anonymized_at": NOW}, {}, AlreadyErased),
    ],
)
def test_some_are_refused_and_nothing_is_written(fields, options, error):
    user = UserFactory(**fields)

    with pytest.raises(error):
        make_request(user, **options)

    assert not DeletionRequest.objects.exists()
    assert not AuditLog.objects.exists()
    assert User.objects.get(pk=user.pk).deletion_requested_at is None


def test_staff_can_ask_to_be_anonymised_and_a_superuser_if_there_is_another():
    UserFactory(is_superuser=True)

    assert make_request(UserFactory(is_staff=True))
    assert make_request(UserFactory(is_superuser=True, is_staff=True))


def test_a_second_open_request_is_refused():
    user = UserFactory()
    first = make_request(user)

    with pytest.raises(AlreadyRequested, match="open deletion request"):
        make_request(user, anonymize=False)

    assert DeletionRequest.objects.get() == first
    cancel_request(first, reason="changed_mind")
    assert make_request(user)


def test_a_user_who_is_gone_cannot_be_asked_for():
    user = UserFactory()
    vanish(user)

    with pytest.raises(UnknownUser):
        make_request(user)


def test_a_cancelled_request_is_over():
    user, admin = UserFactory(), UserFactory()
    request = make_request(user, now=NOW - timedelta(days=365))

    cancel_request(request, by=admin, reason="by_mistake", now=NOW)

    assert (request.status, request.cancelled_at, request.cancelled_by) == ("cancelled", NOW, admin)
    assert request.cancel_reason == "by_mistake"
    assert User.objects.get(pk=user.pk).deletion_requested_at is None
    assert not DeletionRequest.objects.due(NOW).exists()


@pytest.mark.parametrize("status", ["completed", "cancelled"])
def test_what_is_over_cannot_be_cancelled(status):
    request = make_request(UserFactory())
    DeletionRequest.objects.update(status=status)

    with pytest.raises(NotPending):
        cancel_request(request, reason="changed_mind")

    assert DeletionRequest.objects.get().status == status
    assert not AuditLog.objects.filter(action="deletion.cancelled").exists()


def test_a_reason_is_a_choice():
    request = make_request(UserFactory())

    with pytest.raises(ValueError, match="because"):
        cancel_request(request, reason="because")


def test_every_refusal_has_a_message():
    for error in DeletionError.__subclasses__():
        assert str(error()) == error.message

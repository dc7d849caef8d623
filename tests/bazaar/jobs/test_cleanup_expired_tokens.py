"""The policies of cleanup-expired-tokens that are no plain deletion by age; those are in test_retention_jobs."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import checks
from django.core.management import load_command_class

from bazaar import erasure
from bazaar.deletion_requests import make_request
from bazaar.models import DeletionRequest, Invitation, Session
from maintenance.core import registry
from maintenance.core.errors import NotReady
from maintenance.engine.preflight import TAG
from maintenance.engine.runner import run_now
from maintenance.models import JobRun
from maintenance.reporting import status
from tests.factories import (
    InvitationFactory,
    LoginAttemptFactory,
    NotificationFactory,
    SessionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

JOB = "cleanup-expired-tokens"
NOW = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
LIMIT = timedelta(days=30)


def answered(moment, field="accepted_at", **fields):
    return InvitationFactory(created_at=moment - timedelta(days=1), **{field: moment}, **fields)


def test_a_session_goes_when_it_expires_and_not_before():
    SessionFactory(expire_date=NOW - MOMENT)
    kept = [SessionFactory(expire_date=NOW), SessionFactory(expire_date=NOW + MOMENT)]

    result = run_now(JOB, now=NOW)

    assert set(Session.objects.all()) == set(kept)
    assert result.details["counts"] == {"deleted": 1, "sessions": 1}
    assert result.message == "Cleared 1 record. Among them: 1 session."


def test_requests_that_were_not_carried_out_stay():
    for number, state in enumerate(("pending", "cancelled")):
        DeletionRequest.objects.create(
            user_pk=number, status=state, scheduled_for=NOW, cancelled_at=NOW - timedelta(days=1_000)
        )

    run_now(JOB, now=NOW)

    assert DeletionRequest.objects.count() == 2


def test_no_run_tells_the_key_of_a_session():
    session = SessionFactory(expire_date=NOW - MOMENT)

    result = run_now(JOB, dry_run=True, now=NOW)

    assert result.message == "Would clear 1 record."
    assert session.session_key not in str(JobRun.objects.values().get())
    assert Session.objects.exists()


@pytest.mark.parametrize("field", ["accepted_at", "declined_at"])
def test_an_answered_invitation_loses_its_address_and_stays(field):
    older, exactly, younger = (answered(NOW - LIMIT + age, field) for age in (-MOMENT, timedelta(0), MOMENT))
    assert older.email

    result = run_now(JOB, now=NOW)

    assert result.details["counts"] == {"changed": 1, "invitations": 1}
    emails = dict(Invitation.objects.values_list("pk", "email"))
    assert emails == {older.pk: "", exactly.pk: exactly.email, younger.pk: younger.email}
    after = Invitation.objects.get(pk=older.pk)
    assert (after.invited_by, after.project, after.token_hash) == (older.invited_by, older.project, older.token_hash)


def test_an_invitation_that_nobody_answered_keeps_its_address():
    invitation = InvitationFactory(created_at=NOW - timedelta(days=400))

    run_now(JOB, now=NOW)

    assert Invitation.objects.get().email == invitation.email


def test_many_lose_their_address_and_a_second_run_finds_nothing(batches_of):
    batches_of(2)
    invitations = [answered(NOW - LIMIT - timedelta(days=age)) for age in range(1, 6)]
    dry = run_now(JOB, dry_run=True, now=NOW)
    assert dry.details["ids"] == [invitation.pk for invitation in invitations]

    assert run_now(JOB, now=NOW).details["counts"] == {"changed": 5, "invitations": 5}

    assert set(Invitation.objects.values_list("email", flat=True)) == {""}
    assert run_now(JOB, now=NOW).details["counts"] == {}


def test_an_invitation_without_an_address_names_nobody(django_capture_on_commit_callbacks):
    guest = UserFactory()
    invitation = answered(NOW - LIMIT - MOMENT, email=guest.email)
    run_now(JOB, now=NOW)
    request = make_request(guest, now=NOW - timedelta(days=31))

    with django_capture_on_commit_callbacks(execute=True):
        erasure.erase(request.pk, NOW)

    assert Invitation.objects.get() == invitation
    assert erasure.verify(guest.pk) == []


def test_each_of_its_limits_is_told_with_what_is_past_it():
    LoginAttemptFactory(created_at=NOW - timedelta(days=400))
    for _ in range(2):
        NotificationFactory(created_at=datetime(2020, 1, 1, tzinfo=UTC))

    policies = {policy.setting: policy for policy in status.get_retention() if policy.job == JOB}

    assert {setting: policy.overdue for setting, policy in policies.items()} == {
        "EXPIRED_TOKEN_RETENTION_DAYS": 0,
        "LOGIN_ATTEMPT_RETENTION_DAYS": 1,
        "NOTIFICATION_RETENTION_DAYS": 2,
        "ANSWERED_INVITATION_RETENTION_DAYS": 0,
        "DELETION_EVIDENCE_RETENTION_YEARS": 0,
        "ADMIN_LOG_RETENTION_YEARS": 0,
        "CANCELLED_REQUEST_RETENTION_YEARS": 0,
        "RELEASED_HOLD_RETENTION_YEARS": 0,
        "FORMER_ADDRESS_RETENTION_YEARS": 0,
        "MAGIC_LINK_RETENTION_DAYS": 0,
        "WITHDRAWN_CONSENT_RETENTION_YEARS": 0,
    }
    assert policies["NOTIFICATION_RETENTION_DAYS"].oldest == datetime(2020, 1, 1, tzinfo=UTC)
    assert policies["LOGIN_ATTEMPT_RETENTION_DAYS"].limit == "90 days"


@pytest.mark.parametrize("retention", registry.get(JOB).retentions, ids=lambda retention: retention.setting)
def test_each_of_its_limits_is_checked(settings, retention):
    setattr(settings, retention.setting, 0)

    assert [message.id for message in checks.run_checks(tags=[TAG])] == ["maintenance.E001"]
    with pytest.raises(NotReady, match=retention.setting):
        run_now(JOB)


def test_its_help_names_each_of_its_limits():
    text = load_command_class("bazaar", "cleanup_expired_tokens").help

    assert all(retention.setting in text for retention in registry.get(JOB).retentions)

"""One request, carried out whole or not at all, and what proves it; what it costs."""

import json
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bazaar.deletion_requests import cancel_request
from bazaar.erasure import Mode, SomebodyElse, erase, execute, record_failure
from bazaar.models import (
    AuditLog,
    DeletionRequest,
    LoginAttempt,
    MagicLinkToken,
    Notification,
    Project,
    Upload,
    Upvote,
    User,
)
from bazaar.redaction import clean
from tests.bazaar.erasure.rows import columns, vanish
from tests.factories import (
    AuditLogFactory,
    CollaboratorFactory,
    MagicLinkTokenFactory,
    NotificationFactory,
    PushTokenFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.mark.parametrize("anonymize", [True, False])
def test_the_request_outlives_the_person_with_its_evidence(request_deletion, anonymize):
    user = UserFactory()
    PushTokenFactory.create_batch(3, user=user)
    request = request_deletion(user, anonymize=anonymize)

    with transaction.atomic():
        erase(request.pk, NOW)

    request.refresh_from_db()
    assert request.status == "completed"
    assert request.completed_at == NOW
    assert request.user_id == (user.pk if anonymize else None)
    assert request.user_pk == user.pk
    assert request.evidence["public_id"] == str(user.public_id)
    assert request.evidence["mode"] == ("anonymise" if anonymize else "delete")
    assert request.evidence["rows_deleted"]["bazaar.PushToken"] == 3
    assert user.email not in json.dumps(request.evidence)


def test_an_erasure_leaves_one_clean_audit_entry(erase_user):
    user = UserFactory()

    erase_user(user, now=NOW)

    entry = AuditLog.objects.get()
    assert (entry.action, entry.resource_type, entry.user, entry.subject) == (
        "account.erased",
        "deletion_request",
        None,
        None,
    )
    assert entry.metadata["public_id"] == str(user.public_id)
    assert clean(entry.metadata) is entry.metadata


def test_a_request_that_was_cancelled_in_between_is_not_carried_out(request_deletion):
    user = UserFactory()
    request = request_deletion(user)
    cancel_request(request, reason="changed_mind")

    with transaction.atomic():
        assert erase(request.pk, NOW) is None

    user.refresh_from_db()
    assert user.name != "[Deleted User]"


@pytest.mark.parametrize(("ahead", "is_due"), [(-1, True), (0, False), (1, False)])
def test_only_what_was_promised_for_an_earlier_moment_is_due(request_deletion, ahead, is_due):
    request = request_deletion(UserFactory())
    DeletionRequest.objects.update(scheduled_for=NOW + timedelta(microseconds=ahead))

    assert DeletionRequest.objects.due(NOW).exists() is is_due
    with transaction.atomic():
        assert (erase(request.pk, NOW) is not None) is is_due


@pytest.mark.django_db(transaction=True)
def test_an_erasure_outside_a_transaction_is_refused(request_deletion):
    request = request_deletion(UserFactory())

    with pytest.raises(TransactionManagementError, match="whole or not at all"):
        erase(request.pk, NOW)


@pytest.mark.django_db(transaction=True)
def test_an_exception_in_the_middle_leaves_everything_as_it_was(request_deletion, monkeypatch):
    from tests.bazaar.erasure.canary import Canary, everything

    canary = Canary(Mode.DELETE)
    before = everything()
    steps = iter(range(1000))
    real = execute.delete_in_chunks

    def fail_at_the_tenth(*arguments):
        if next(steps) == 10:
            raise RuntimeError
        return real(*arguments)

    monkeypatch.setattr(execute, "delete_in_chunks", fail_at_the_tenth)
    with pytest.raises(RuntimeError), transaction.atomic():
        erase(canary.request.pk, timezone.now(), chunk=2)

    assert next(steps) > 10
    assert everything() == before


def test_a_failure_is_recorded_without_its_text(request_deletion):
    request = request_deletion(UserFactory())

    record_failure(request.pk, "django.db.utils.IntegrityError", "23505", NOW)
    record_failure(request.pk, "RuntimeError", None, NOW)

    request.refresh_from_db()
    found = columns(request, "status", "attempts", "last_attempt_at", "last_error")
    assert found == {"status": "pending", "attempts": 2, "last_attempt_at": NOW, "last_error": "RuntimeError"}


def test_what_is_carried_out_is_not_marked_as_failed(request_deletion):
    request = request_deletion(UserFactory())
    with transaction.atomic():
        erase(request.pk, NOW)

    record_failure(request.pk, "RuntimeError", None, NOW)

    request.refresh_from_db()
    assert (request.status, request.last_error) == ("completed", "")


def test_whoever_got_the_id_of_a_user_who_is_gone_is_left_alone(request_deletion):
    user = UserFactory()
    request = request_deletion(user, anonymize=False, evidence={"public_id": str(user.public_id)})
    vanish(user)
    UserFactory(pk=user.pk, name="Somebody else")

    with pytest.raises(SomebodyElse), transaction.atomic():
        erase(request.pk, NOW)

    assert User.objects.get(pk=user.pk).name == "Somebody else"


def test_a_user_who_went_in_another_way_is_looked_for_by_id_and_the_end_is_unproven(request_deletion):
    user = UserFactory()
    request = request_deletion(user)
    log = AuditLogFactory(resource_type="user", resource_id=str(user.pk))
    MagicLinkTokenFactory(email=user.email)
    vanish(user)

    with transaction.atomic():
        evidence = erase(request.pk, NOW)

    assert (evidence.public_id, evidence.is_proven) == (None, False)
    log.refresh_from_db()
    request.refresh_from_db()
    assert log.resource_id is None
    assert (request.status, request.get_status_display()) == ("unproven", "Cannot be proven")
    assert MagicLinkToken.objects.exists(), "nobody can know that it was theirs"
    assert not AuditLog.objects.filter(action="account.erased").exists()


# Figures


def populate(user, number):
    """Give a user `number` rows in every table that can be bulky."""
    projects = Project.objects.bulk_create(Project(title="x") for _ in range(number))
    Upvote.objects.bulk_create(Upvote(user=user, project=project) for project in projects)
    Notification.objects.bulk_create(Notification(user=user, type="x", title="x") for _ in range(number))
    LoginAttempt.objects.bulk_create(LoginAttempt(user=user, email=user.email) for _ in range(number))
    AuditLog.objects.bulk_create(AuditLog(user=user, action="x", metadata={"email": "x"}) for _ in range(number))
    Upload.objects.bulk_create(
        Upload(uploaded_by=user, file=f"{i}.png", mime_type="image/png", size=1) for i in range(number)
    )
    creator = CollaboratorFactory(role="creator").user
    rows = (project for project in projects[:10])
    creator.collaborations.bulk_create(
        creator.collaborations.model(user=creator, project=p, role="creator") for p in rows
    )
    return 5 * number


@pytest.mark.parametrize("anonymize", [True, False])
def test_the_number_of_statements_does_not_grow_with_the_rows(erase_user, anonymize):
    counts = {}
    for number in (10, 12_000):
        user = UserFactory(email=f"user-{number}@example.org")
        rows = populate(user, number)
        for text in ("title", "body"):
            NotificationFactory(**{text: f"{user.email} wrote"})
        CollaboratorFactory(user=user, role="creator", project__description=user.email)
        with CaptureQueriesContext(connection) as queries:
            erase_user(user, anonymize=anonymize)
        counts[number] = len(queries) - 3  # the request is made, and a savepoint set and released
        assert counts[number] <= 100 + 2 * (rows // 5_000)

    assert counts[12_000] <= counts[10] + 2 * (5 * 12_000 // 5_000)


def test_the_number_of_statements_is_the_same_below_a_chunk(erase_user):
    counts = []
    # The first fills caches, and each later one confirms the entry of the one before in the ledger.
    for number in (1, 10, 1_000):
        user = UserFactory()
        populate(user, number)
        with CaptureQueriesContext(connection) as queries:
            erase_user(user, anonymize=False)
        counts.append(len(queries))

    assert counts[1] == counts[2]

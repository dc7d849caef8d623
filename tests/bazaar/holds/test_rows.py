"""Two persons with the same rows, one under a legal hold: each job leaves the rows of that one alone."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db.models import Model
from django.utils import timezone

from bazaar.deletion_requests import make_request
from bazaar.holds.models import Hold
from bazaar.holds.rows import held_rows
from bazaar.holds.service import release, set_hold
from bazaar.models import AuditLog, User
from maintenance.core import registry
from maintenance.engine.runner import run_now
from maintenance.models import JobRun
from tests import factories
from tests.bazaar.erasure.rows import entry_about

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("uploads")]
OLD = datetime(2015, 1, 1, tzinfo=UTC)


def job_run(user):
    values = {"job": "cleanup-push-tokens", "trigger": "admin", "status": "failed", "finished_at": OLD, "slot": None}
    run = JobRun.objects.create(**values, queued_at=OLD, started_at=OLD, requested_by=user)
    JobRun.objects.create(job="cleanup-push-tokens", trigger="admin", status="failed", finished_at=timezone.now())
    return run  # the last failure of a job is kept


def answered(user):
    return factories.InvitationFactory(email=user.email, accepted_at=OLD, created_at=OLD)


def admin_log(user):
    return LogEntry.objects.create(user=user, action_flag=2, object_repr="x", action_time=OLD)


def admin_log_about(user):
    entry = entry_about(user, by=factories.UserFactory(is_staff=True))
    LogEntry.objects.filter(pk=entry.pk).update(action_time=OLD)
    return entry


def released_hold(user):
    return Hold.objects.create(
        user=user, status="released", reason="authority", set_at=OLD, review_on=OLD.date(), released_at=OLD
    )


def wrong_karma(user):
    User.objects.filter(pk=user.pk).update(karma=77)
    return User.objects.get(pk=user.pk)


def row(name, **fields):
    factory = getattr(factories, f"{name}Factory")
    return lambda user: factory(user=user, **fields)


ROWS = {
    "cleanup-expired-tokens": [
        row("RefreshToken", expires_at=OLD),
        lambda user: factories.MagicLinkTokenFactory(email=user.email, expires_at=OLD),
        lambda user: factories.MagicLinkTokenFactory(email=user.email, created_at=OLD),
        row("Session", expire_date=OLD),
        row("LoginAttempt", created_at=OLD),
        lambda user: factories.LoginAttemptFactory(user=None, email=user.email, created_at=OLD),
        row("Notification", created_at=OLD),
        row("ConsentRecord", revoked_at=OLD),
        row("UserFormerEmail", held_until=OLD),
        answered,
        admin_log,
        admin_log_about,
        released_hold,
    ],
    "cleanup-run-history": [job_run],
    "cleanup-invitations": [
        lambda user: factories.InvitationFactory(invited_by=user, created_at=OLD),
        lambda user: factories.InvitationFactory(email=user.email, created_at=OLD),
    ],
    "cleanup-push-tokens": [row("PushToken", last_used_at=OLD)],
    "anonymize-audit-logs": [
        row("AuditLog", created_at=OLD),
        lambda user: factories.AuditLogFactory(user=None, resource_type="user", resource_id=user.pk, created_at=OLD),
        lambda user: factories.AuditLogFactory(
            user=None, resource_type="user", resource_id=str(user.public_id), created_at=OLD
        ),
    ],
    "delete-audit-logs": [row("AuditLog", created_at=OLD)],
    "cleanup-orphaned-files": [
        lambda user: factories.UploadFactory(uploaded_by=user, created_at=OLD),
        lambda user: factories.UploadFactory(uploaded_by=user, condemned_at=OLD),
    ],
    "finalize-deletions": [row("DeletionRequest", scheduled_for=OLD)],
    "recalculate-karma": [wrong_karma],
}
CASES = [(job, make) for job, makers in ROWS.items() for make in makers]


def hold(user):
    return set_hold(user, reason="legal_claim", review_on=date(2999, 1, 1))


def values(item: Model):
    return type(item)._base_manager.filter(pk=item.pk).values().first()


def test_every_job_is_tried():
    assert {job.name for job in registry.all_jobs() if job.respects_holds} <= set(ROWS)


@pytest.mark.parametrize(("job", "make"), CASES, ids=[f"{job}-{number}" for number, (job, _) in enumerate(CASES)])
def test_a_job_leaves_held_rows_alone_until_the_release(job, make):
    held, free = factories.UserFactory.create_batch(2)
    ours, theirs = make(held), make(free)
    lasting = hold(held)
    before, other = values(ours), values(theirs)

    result = run_now(job)

    assert result.success, result.message
    assert values(theirs) != other
    assert values(ours) == before
    assert result.details["counts"]["held_back"] >= 1
    assert "held back" in result.message

    release(lasting)
    before = values(ours)
    again = run_now(job)
    assert again.success
    assert values(ours) != before
    assert "held_back" not in again.details["counts"]


@pytest.mark.parametrize("job", ROWS)
def test_a_dry_run_counts_what_it_would_hold_back(job):
    held = factories.UserFactory()
    ROWS[job][0](held)
    assert run_now(job, dry_run=True).details["counts"].get("held_back", 0) == 0
    hold(held)
    assert run_now(job, dry_run=True).details["counts"]["held_back"] == 1


def test_held_rows_are_not_overdue():
    held = factories.UserFactory()
    factories.PushTokenFactory(user=held, last_used_at=OLD)
    hold(held)
    assert run_now("cleanup-push-tokens").details.get("backlog", 0) in {0, None}
    assert JobRun.objects.latest("pk").items_due == 0


@pytest.mark.parametrize("job", ["cleanup-push-tokens", "delete-audit-logs", "cleanup-orphaned-files"])
def test_a_hold_between_two_batches_counts_from_the_next_one_on(job, monkeypatch, batches_of):
    from maintenance.engine.cancellation import CancellationToken

    batches_of(1)
    users = factories.UserFactory.create_batch(4)
    rows = [ROWS[job][-1](user) for user in users]
    pauses = []

    def pause(_token, _seconds):
        if not pauses:
            hold(users[-1])
        pauses.append(1)

    monkeypatch.setattr(CancellationToken, "wait", pause)
    result = run_now(job)
    assert pauses
    assert values(rows[-1])
    assert not values(rows[0])
    assert result.details["counts"]["held_back"] == 1
    assert result.success


def test_rows_of_a_person_who_is_not_held_are_not_held():
    held, free = factories.UserFactory.create_batch(2)
    mine = factories.AuditLogFactory(user=held)
    factories.AuditLogFactory(user=free)
    factories.AuditLogFactory(user=None)
    hold(held)
    keys = {pk for query in held_rows(type(mine)) for pk in query.values_list("pk", flat=True)}
    about = set(AuditLog.objects.filter(subject=held).values_list("pk", flat=True))
    assert keys == {mine.pk, *about}


@pytest.mark.parametrize("spelling", ["users", "bazaar.User", "UserProfile"])
def test_a_log_counts_that_names_its_person_after_the_queries_were_built(spelling):
    held = factories.UserFactory()
    queries = held_rows(AuditLog)
    hold(held)

    log = factories.AuditLogFactory(user=None, resource_type=spelling, resource_id=held.pk)
    thing = factories.AuditLogFactory(user=None, resource_type="project", resource_id=held.pk)

    found = {pk for query in queries for pk in query.values_list("pk", flat=True)}
    assert log.pk in found
    assert thing.pk not in found


def test_building_the_queries_reads_no_data(django_assert_num_queries):
    models = {stage.due.model for job in registry.all_jobs() for stage in job.stages(timezone.now())}

    with django_assert_num_queries(0):
        for model in models:
            held_rows(model)


def test_a_request_waits_in_the_state_held():
    user = factories.UserFactory()
    request = make_request(user, now=timezone.now() - timedelta(days=40))
    lasting = hold(user)
    request.refresh_from_db()
    assert request.status == "held"
    assert run_now("finalize-deletions").success
    user.refresh_from_db()
    assert user.anonymized_at is None
    release(lasting)
    request.refresh_from_db()
    assert request.status == "pending"
    assert run_now("finalize-deletions").success
    user.refresh_from_db()
    assert user.anonymized_at


@pytest.mark.parametrize("field", ["verified_by", "approved_by"])
def test_a_hold_on_staff_holds_no_request_of_others(field):
    staff = factories.UserFactory(is_staff=True)
    request = factories.DeletionRequestFactory(scheduled_for=OLD, **{field: staff})
    hold(staff)

    assert run_now("finalize-deletions").success

    request.refresh_from_db()
    assert request.status == "completed"
    assert getattr(request, field) == staff


def test_a_request_for_a_held_person_is_held_at_once():
    user = factories.UserFactory()
    hold(user)
    request = make_request(user)
    request.refresh_from_db()
    assert request.status == "held"

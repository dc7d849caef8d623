"""Karma that drifted is repaired, and nobody else's row is touched."""

import logging
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bazaar import redaction
from bazaar.karma import karma_of
from bazaar.models import AuditLog, Role, User
from maintenance.core import registry
from maintenance.engine.runner import run_now
from maintenance.models import JobRun
from tests import factories

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 1, 5, 0, tzinfo=UTC)


@pytest.fixture
def creator():
    """Make somebody whose project has so many upvotes, and what is stored of their karma."""

    def make(votes, stored, **fields):
        user = factories.make(User, karma=stored, **fields)
        part = factories.CollaboratorFactory(user=user, role=Role.CREATOR)
        voter = factories.make(User)
        for _ in range(votes):
            factories.UpvoteFactory(project=part.project, user=voter)
            voter = factories.make(User)
        return user

    return make


def karma():
    return dict(User.objects.values_list("pk", "karma"))


def run(**options):
    return run_now("recalculate-karma", now=NOW, **options)


def test_what_drifted_is_repaired_and_nothing_else_is_written(creator):
    low, high, right = creator(2, 1), creator(1, 4), creator(3, 3)
    gone = [creator(1, 7, anonymized_at=NOW), creator(1, 8, deleted_at=NOW)]
    before = {user.pk: user for user in User.objects.all()}

    result = run()

    assert result.success
    assert karma() == {pk: user.karma for pk, user in before.items()} | {low.pk: 2, high.pk: 1}
    assert [karma()[user.pk] for user in (right, *gone)] == [3, 7, 8]
    assert result.details["counts"] == {"changed": 2, "drifted_users": 2, "total_drift": 4}
    assert result.message == "Repaired 2 karma values. Total difference: 4."
    assert {user.pk: user.updated_at for user in User.objects.all()} == {
        pk: user.updated_at for pk, user in before.items()
    }


def test_what_is_due_is_what_is_repaired(creator, batches_of):
    batches_of(2)
    users = [creator(number % 3, 5) for number in range(5)]
    creator(1, 1)
    due = set(registry.get("recalculate-karma").stages(NOW)[0].due.values_list("pk", flat=True))
    assert due == {user.pk for user in users}
    before = karma()

    run()

    assert {pk for pk, value in karma().items() if value != before[pk]} == due
    assert all(value == karma_of(pk) for pk, value in karma().items())
    assert JobRun.objects.get().details["batches"]["count"] == 3


def test_a_dry_run_says_what_a_run_does_and_changes_nothing(creator, batches_of):
    batches_of(2)
    users = [creator(2, stored) for stored in (0, 5, 2, 7)]
    before = karma()

    dry = run(dry_run=True)

    assert karma() == before
    assert dry.details["ids"] == [user.pk for user in users if user.karma != 2]
    assert dry.details["counts"] == {"would_repair": 3, "drifted_users": 3, "total_drift": 10}
    assert dry.message == "Would repair 3 karma values. Total difference: 10."
    assert not AuditLog.objects.exists()
    counts = run().details["counts"]
    assert (counts["changed"], counts["drifted_users"], counts["total_drift"]) == (3, 3, 10)


def test_a_second_run_writes_nothing(creator):
    creator(2, 0)
    run()

    with CaptureQueriesContext(connection) as queries:
        result = run()

    assert result.success
    assert result.details["counts"] == {}
    assert result.message == "There were no karma values to repair."
    assert not [q for q in queries if q["sql"].startswith("UPDATE") and User._meta.db_table in q["sql"]]


def test_nothing_due_is_no_error():
    assert run().success
    assert not AuditLog.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_each_repair_is_logged_by_id_when_it_is_committed(creator, caplog):
    caplog.set_level(logging.INFO)
    user = creator(2, 9, email="somebody@example.org", name="Somebody")

    run()

    [record] = [r for r in caplog.records if r.name == "bazaar.jobs.recalculate_karma"]
    assert record.getMessage() == f"The karma of user {user.pk} was 9 and is 2."
    assert "omebody" not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_an_exception_in_mid_batch_repairs_the_others(creator, batches_of, monkeypatch, caplog):
    caplog.set_level(logging.INFO)
    batches_of(3)
    users = [creator(1, 5) for _ in range(5)]
    job, bad = registry.get("recalculate-karma"), users[1].pk
    process = type(job).process

    def process_with_a_fault(self, batch):
        had_bad_one = bad in batch
        outcome = process(self, batch)
        if had_bad_one:
            raise RuntimeError
        return outcome

    monkeypatch.setattr(type(job), "process", process_with_a_fault)

    result = run()

    assert result.status == "partial"
    assert result.details["counts"] == {"changed": 4, "failed": 1, "drifted_users": 4, "total_drift": 16}
    assert karma()[bad] == 5
    logged = [r for r in caplog.records if r.name == "bazaar.jobs.recalculate_karma"]
    assert len(logged) == 4


def test_a_user_whom_somebody_else_repaired_meanwhile_is_no_error(creator, monkeypatch):
    user = creator(1, 5)
    monkeypatch.setattr("bazaar.karma.recount", lambda users: users.update(karma=1) and [])

    result = run()

    assert result.success
    assert result.details["counts"] == {"unchanged": 1}
    assert karma()[user.pk] == 1


def test_the_volume_guard_does_not_stop_a_reversible_job():
    assert not registry.get("recalculate-karma").irreversible


def test_the_trail_of_a_run_holds_nothing_personal(creator):
    creator(1, 5)
    run()

    [entry] = AuditLog.objects.all()

    assert redaction.clean(entry.metadata) is entry.metadata

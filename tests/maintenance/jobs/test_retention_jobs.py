"""What every retention job has to keep: the boundary, the neighbours, the dry run, the second run."""

from datetime import UTC, datetime, timedelta

import pytest
from dateutil.relativedelta import relativedelta

from bazaar.models import AuditLog, Invitation, Project, PushToken, User
from maintenance import registry
from maintenance.jobs.audit_trail import ACTION
from maintenance.runner import run_now

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 1, 4, 30, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
counter = iter(range(10**9))


def user():
    return User.objects.get_or_create(email="owner@example.org")[0]


def make_invitation(moment, **fields):
    project, _ = Project.objects.get_or_create(title="A project")
    return Invitation.objects.create(
        email="guest@example.org", invited_by=user(), project=project, expires_at=NOW, created_at=moment, **fields
    )


def make_push_token(moment, **fields):
    return PushToken.objects.create(
        user=user(), token=f"token-{next(counter)}", platform="ios", last_used_at=moment, **fields
    )


def make_audit_log(moment, **fields):
    return AuditLog.objects.create(action="user.login", user=user(), created_at=moment, **fields)


MAKERS = {
    "cleanup-invitations": (make_invitation, relativedelta(days=30)),
    "cleanup-push-tokens": (make_push_token, relativedelta(days=90)),
    "delete-audit-logs": (make_audit_log, relativedelta(years=3)),
}
"""For each job that deletes by age: how to make a row of some age, and the age that was promised."""

JOBS = pytest.mark.parametrize("name", MAKERS)


def rows_of(name):
    """The job's own rows, without the trail of its runs."""
    rows = registry.get(name).due(NOW).model.objects.order_by("pk")
    return rows.exclude(action=ACTION) if rows.model is AuditLog else rows


def make(name, *ages):
    maker, limit = MAKERS[name]
    return [maker(NOW - limit + age) for age in ages]


@JOBS
def test_just_older_goes_and_exactly_at_the_cutoff_and_just_younger_stay(name):
    older, exactly, younger = make(name, -MOMENT, timedelta(0), MOMENT)
    assert list(rows_of(name)) == [older, exactly, younger]

    result = run_now(name, now=NOW)

    assert result.success
    assert list(rows_of(name)) == [exactly, younger]
    assert result.details["counts"] == {"deleted": 1}


@JOBS
def test_what_is_due_is_what_is_processed(name, batches_of):
    batches_of(2)
    make(name, *(timedelta(days=age) for age in (-500, 3, -1, -2, 20, -3, -4, -5)))
    everything = set(rows_of(name).values_list("pk", flat=True))
    due = set(registry.get(name).due(NOW).values_list("pk", flat=True))
    assert len(due) == 6

    dry = run_now(name, dry_run=True, now=NOW)
    assert set(dry.details["ids"]) == due
    assert dry.details["oldest"] < dry.details["newest"] < dry.details["cutoff"]
    assert set(rows_of(name).values_list("pk", flat=True)) == everything

    run_now(name, now=NOW)
    assert set(rows_of(name).values_list("pk", flat=True)) == everything - due


@JOBS
def test_a_second_run_changes_nothing(name):
    make(name, -MOMENT, MOMENT)
    run_now(name, now=NOW)
    left = list(rows_of(name).values())

    result = run_now(name, now=NOW)

    assert result.success
    assert result.details["counts"] == {}
    assert list(rows_of(name).values()) == left


@JOBS
def test_nothing_due_is_no_error(name):
    make(name, MOMENT)

    result = run_now(name, now=NOW)

    assert result.success
    assert rows_of(name).count() == 1


@JOBS
def test_the_neighbours_in_other_tables_stay(name):
    others = [maker for other, (maker, _) in MAKERS.items() if other != name]
    for maker in others:
        maker(datetime(2000, 1, 1, tzinfo=UTC))
    make(name, -MOMENT)

    run_now(name, now=NOW)

    assert not rows_of(name).exists()
    assert all(rows_of(other).count() == 1 for other in MAKERS if other != name)
    assert User.objects.count() == 1


@JOBS
def test_an_exception_in_mid_batch_rolls_that_batch_back(name, batches_of, monkeypatch):
    batches_of(3)
    rows = make(name, *(timedelta(days=-age) for age in range(1, 6)))
    job = registry.get(name)
    process, bad = type(job).process, rows[1].pk

    def process_with_a_fault(self, batch):
        had_bad_one = batch.filter(pk=bad).exists()
        outcome = process(self, batch)
        if had_bad_one:
            raise RuntimeError
        return outcome

    monkeypatch.setattr(type(job), "process", process_with_a_fault)

    result = run_now(name, now=NOW)

    assert result.status == "partial"
    assert [row.pk for row in rows_of(name)] == [bad]
    assert result.details["counts"] == {"deleted": 4, "failed": 1}


@JOBS
def test_the_limit_can_be_set(name, settings):
    retention = registry.get(name).retention
    setattr(settings, retention.setting, 2)
    limit = NOW - relativedelta(**{retention.unit: 2})
    maker, _ = MAKERS[name]
    older, younger = maker(limit - MOMENT), maker(limit)
    assert list(rows_of(name)) == [older, younger]

    run_now(name, now=NOW)

    assert list(rows_of(name)) == [younger]


@pytest.mark.parametrize("answer", ["accepted_at", "declined_at"])
def test_invitations_that_were_answered_stay(answer):
    answered = make_invitation(NOW - timedelta(days=400), **{answer: NOW - timedelta(days=399)})
    make_invitation(NOW - timedelta(days=400))

    run_now("cleanup-invitations", now=NOW)

    assert Invitation.objects.get() == answered


def test_a_push_token_counts_from_its_last_use_and_not_from_its_creation():
    used = make_push_token(NOW - timedelta(days=1), created_at=NOW - timedelta(days=1_000))

    run_now("cleanup-push-tokens", now=NOW)

    assert PushToken.objects.get() == used


def test_three_years_before_a_leap_day_is_the_28th_of_february():
    leap_day = datetime(2028, 2, 29, 3, 30, tzinfo=UTC)
    at_cutoff = make_audit_log(datetime(2025, 2, 28, 3, 30, tzinfo=UTC))
    make_audit_log(datetime(2025, 2, 28, 3, 30, tzinfo=UTC) - MOMENT)

    run_now("delete-audit-logs", now=leap_day)

    assert rows_of("delete-audit-logs").get() == at_cutoff

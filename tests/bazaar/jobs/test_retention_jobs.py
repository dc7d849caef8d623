"""What every retention job has to keep: the boundary, the neighbours, the dry run, the second run."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from dateutil.relativedelta import relativedelta

from bazaar.audit_trail import ACTION
from bazaar.models import (
    AuditLog,
    Invitation,
    PushToken,
    User,
)
from maintenance.core import registry
from maintenance.engine.runner import run_now
from maintenance.models import JobRun
from tests.bazaar.jobs.retention_policies import (
    MAKERS,
    MOMENT,
    NOW,
    OTHER_JOB,
    make_audit_log,
    make_invitation,
    make_push_token,
    user,
)

pytestmark = pytest.mark.django_db

JOBS = pytest.mark.parametrize("name", MAKERS)


def rows_of(name):
    """The policy's own rows, without the trail of its runs."""
    rows = MAKERS[name].model.objects.order_by("pk")
    if rows.model is JobRun:
        return rows.filter(job=OTHER_JOB)
    return rows.exclude(action=ACTION) if rows.model is AuditLog else rows


def make(name, *ages):
    policy = MAKERS[name]
    return [policy.maker(NOW - policy.limit + age) for age in ages]


@JOBS
def test_just_older_goes_and_exactly_at_the_cutoff_and_just_younger_stay(name):
    older, exactly, younger = make(name, -MOMENT, timedelta(0), MOMENT)
    assert list(rows_of(name)) == [older, exactly, younger]

    result = run_now(MAKERS[name].job, now=NOW)

    assert result.success
    assert list(rows_of(name)) == [exactly, younger]
    assert result.details["counts"]["deleted"] == 1


@JOBS
def test_what_is_due_is_what_is_processed(name, batches_of):
    batches_of(2)
    make(name, *(timedelta(days=age) for age in (-500, 3, -1, -2, 20, -3, -4, -5)))
    everything = set(rows_of(name).values_list("pk", flat=True))
    due = set(MAKERS[name].stage.due.values_list("pk", flat=True))
    assert len(due) == 6

    dry = run_now(MAKERS[name].job, dry_run=True, now=NOW)
    assert set(dry.details["ids"]) == due
    assert dry.details["oldest"] < dry.details["newest"] < (NOW - MAKERS[name].limit).isoformat()
    assert set(rows_of(name).values_list("pk", flat=True)) == everything

    run_now(MAKERS[name].job, now=NOW)
    assert set(rows_of(name).values_list("pk", flat=True)) == everything - due


@JOBS
def test_a_second_run_changes_nothing(name):
    make(name, -MOMENT, MOMENT)
    run_now(MAKERS[name].job, now=NOW)
    left = list(rows_of(name).values())

    result = run_now(MAKERS[name].job, now=NOW)

    assert result.success
    assert result.details["counts"] == {}
    assert list(rows_of(name).values()) == left


@JOBS
def test_nothing_due_is_no_error(name):
    make(name, MOMENT)

    result = run_now(MAKERS[name].job, now=NOW)

    assert result.success
    assert rows_of(name).count() == 1


@JOBS
def test_the_neighbours_in_other_tables_stay(name):
    others = [other for other, policy in MAKERS.items() if policy.job != MAKERS[name].job]
    for other in others:
        MAKERS[other].maker(datetime(2000, 1, 1, tzinfo=UTC))
    user()
    make(name, -MOMENT)

    run_now(MAKERS[name].job, now=NOW)

    assert not rows_of(name).exists()
    models = Counter(MAKERS[other].model for other in others)
    assert all(rows_of(other).count() == models[MAKERS[other].model] for other in others)
    assert User.objects.count() == 1


@JOBS
def test_an_exception_in_mid_batch_rolls_that_batch_back(name, batches_of, monkeypatch):
    batches_of(3)
    rows = make(name, *(timedelta(days=-age) for age in range(1, 6)))
    job, bad = registry.get(MAKERS[name].job), rows[1].pk
    stages = type(job).stages

    def faulty(process):
        def process_with_a_fault(batch):
            had_bad_one = batch.filter(pk=bad).exists()
            outcome = process(batch)
            if had_bad_one:
                raise RuntimeError
            return outcome

        return process_with_a_fault

    def stages_with_a_fault(self, now):
        model = MAKERS[name].model
        return [
            replace(s, process=faulty(s.process)) if s.is_counted and s.due.model is model else s
            for s in stages(self, now)
        ]

    monkeypatch.setattr(type(job), "stages", stages_with_a_fault)

    result = run_now(job.name, now=NOW)

    assert result.status == "partial"
    assert [row.pk for row in rows_of(name)] == [bad]
    counts = result.details["counts"]
    assert (counts["deleted"], counts["failed"]) == (4, 1)


@JOBS
def test_the_limit_can_be_set(name, settings):
    policy = MAKERS[name]
    setattr(settings, policy.retention.setting, 2)
    limit = NOW - relativedelta(**{policy.retention.unit: 2})
    older, younger = policy.maker(limit - MOMENT), policy.maker(limit)
    assert list(rows_of(name)) == [older, younger]

    run_now(policy.job, now=NOW)

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

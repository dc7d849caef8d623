"""What every retention job has to keep: the boundary, the neighbours, the dry run, the second run."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from django.contrib.admin.models import CHANGE, LogEntry
from django_q.models import Task

from bazaar.audit_trail import ACTION
from bazaar.models import (
    AuditLog,
    ConsentRecord,
    DeletionRequest,
    Invitation,
    LoginAttempt,
    MagicLinkToken,
    Notification,
    Project,
    PushToken,
    RefreshToken,
    User,
    UserFormerEmail,
)
from maintenance.core import registry
from maintenance.engine.runner import run_now
from maintenance.models import JobRun

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 1, 4, 30, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
OTHER_JOB = "recalculate-karma"
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


def make_refresh_token(moment):
    return RefreshToken.objects.create(user=user(), token_hash=f"hash-{next(counter)}", expires_at=moment)


def make_magic_link(moment):
    return MagicLinkToken.objects.create(
        email="owner@example.org", token_hash=f"hash-{next(counter)}", expires_at=moment
    )


def make_login_attempt(moment):
    return LoginAttempt.objects.create(email="owner@example.org", user=user(), created_at=moment)


def make_notification(moment):
    return Notification.objects.create(user=user(), type="upvote", title="A vote", created_at=moment)


def make_run(moment):
    return JobRun.objects.create(job=OTHER_JOB, trigger="schedule", status="skipped", queued_at=moment)


def make_queue_failure(moment):
    return Task.objects.create(id=f"task-{next(counter):09}", func="f", started=moment, stopped=moment, success=False)


def make_evidence(moment):
    return DeletionRequest.objects.create(
        user_pk=next(counter), status="completed", scheduled_for=moment, completed_at=moment
    )


def make_idle_link(moment):
    return MagicLinkToken.objects.create(
        email="owner@example.org", token_hash=f"hash-{next(counter)}", expires_at=NOW, created_at=moment
    )


def make_cancelled_request(moment):
    return DeletionRequest.objects.create(
        user_pk=next(counter), status="cancelled", scheduled_for=moment, cancelled_at=moment
    )


def make_admin_log_entry(moment):
    return LogEntry.objects.create(user=user(), action_flag=CHANGE, object_repr="x", action_time=moment)


def make_withdrawn_consent(moment):
    return ConsentRecord.objects.create(user=user(), consent_type="newsletter", granted=True, revoked_at=moment)


def make_former_address(moment):
    return UserFormerEmail.objects.create(user=user(), email="before@example.org", held_until=moment)


@dataclass(frozen=True)
class Policy:
    """A job that deletes rows of a model by age: how to make a row of some age, and the age that was promised."""

    job: str
    model: Any
    maker: Callable[..., Any]
    limit: relativedelta
    setting: str | None = None
    """Tells the limit where a model has several."""

    @property
    def stage(self):
        job = registry.get(self.job)
        stages = (stage for stage in job.stages(NOW) if stage.is_counted and stage.due.model is self.model)
        return next(s for s in stages if self.setting is None or job.retention_of(s).setting == self.setting)

    @property
    def retention(self):
        return registry.get(self.job).retention_of(self.stage)


TOKENS, HISTORY = "cleanup-expired-tokens", "cleanup-run-history"
MAKERS = {
    "cleanup-invitations": Policy("cleanup-invitations", Invitation, make_invitation, relativedelta(days=30)),
    "cleanup-push-tokens": Policy("cleanup-push-tokens", PushToken, make_push_token, relativedelta(days=90)),
    "delete-audit-logs": Policy("delete-audit-logs", AuditLog, make_audit_log, relativedelta(years=3)),
    "refresh tokens": Policy(TOKENS, RefreshToken, make_refresh_token, relativedelta(days=7)),
    "magic links": Policy(TOKENS, MagicLinkToken, make_magic_link, relativedelta(days=7)),
    "login attempts": Policy(TOKENS, LoginAttempt, make_login_attempt, relativedelta(days=90)),
    "notifications": Policy(TOKENS, Notification, make_notification, relativedelta(days=180)),
    "runs": Policy(HISTORY, JobRun, make_run, relativedelta(days=400)),
    "queue failures": Policy(HISTORY, Task, make_queue_failure, relativedelta(days=30)),
    "evidence": Policy(TOKENS, DeletionRequest, make_evidence, relativedelta(years=3)),
    "idle magic links": Policy(
        TOKENS, MagicLinkToken, make_idle_link, relativedelta(days=90), "MAGIC_LINK_RETENTION_DAYS"
    ),
    "cancelled requests": Policy(
        TOKENS, DeletionRequest, make_cancelled_request, relativedelta(years=3), "CANCELLED_REQUEST_RETENTION_YEARS"
    ),
    "admin log": Policy(TOKENS, LogEntry, make_admin_log_entry, relativedelta(years=3)),
    "withdrawn consents": Policy(TOKENS, ConsentRecord, make_withdrawn_consent, relativedelta(years=3)),
    "former addresses": Policy(TOKENS, UserFormerEmail, make_former_address, relativedelta(years=3)),
}

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

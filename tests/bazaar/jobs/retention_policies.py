"""The age limits of the jobs that delete by age, each with a maker of rows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from django.contrib.admin.models import CHANGE, LogEntry
from django_q.models import Task

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
from maintenance.models import JobRun

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

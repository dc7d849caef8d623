from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db.models import Q, QuerySet

from bazaar.holds.models import Hold
from bazaar.models import (
    ConsentRecord,
    DeletionRequest,
    Invitation,
    LoginAttempt,
    MagicLinkToken,
    Notification,
    RefreshToken,
    Session,
    UserFormerEmail,
)
from maintenance.api import Job, Outcome, Preview, Retention, RowStage, Verb, delete_rows
from maintenance.core.counting import among

TOKENS = Retention("EXPIRED_TOKEN_RETENTION_DAYS", field="expires_at", days=7)
LOGIN_ATTEMPTS = Retention("LOGIN_ATTEMPT_RETENTION_DAYS", days=90)
NOTIFICATIONS = Retention("NOTIFICATION_RETENTION_DAYS", days=180)
ANSWERED = Retention("ANSWERED_INVITATION_RETENTION_DAYS", days=30)
EVIDENCE = Retention("DELETION_EVIDENCE_RETENTION_YEARS", field="completed_at", years=3)
IDLE_LINKS = Retention("MAGIC_LINK_RETENTION_DAYS", days=90)
WITHDRAWN = Retention("WITHDRAWN_CONSENT_RETENTION_YEARS", field="revoked_at", years=3)
FORMER_ADDRESSES = Retention("FORMER_ADDRESS_RETENTION_YEARS", field="held_until", years=3)
CANCELLED = Retention("CANCELLED_REQUEST_RETENTION_YEARS", field="cancelled_at", years=3)
RELEASED_HOLDS = Retention("RELEASED_HOLD_RETENTION_YEARS", field="released_at", years=3)
ADMIN_LOG = Retention("ADMIN_LOG_RETENTION_YEARS", field="action_time", years=3)


class CleanupExpiredTokens(Job):
    name = "cleanup-expired-tokens"
    description = (
        "Delete expired tokens and sessions, old login attempts, notifications, consents and former addresses, "
        "addresses in answered invitations, and old evidence of deletions, legal holds and work in the admin."
    )
    about = (
        "Magic links go after their creation too, however long they would be valid. Consents go some years after they "
        "were withdrawn, and former addresses some years after they were given up: until then an erasure finds old "
        "rows by them. An accepted or declined invitation is kept without its e-mail address, so that it is not "
        "personal data."
    )
    schedule = "0 1 * * *"
    retentions = (
        TOKENS,
        IDLE_LINKS,
        LOGIN_ATTEMPTS,
        NOTIFICATIONS,
        ANSWERED,
        WITHDRAWN,
        FORMER_ADDRESSES,
        EVIDENCE,
        CANCELLED,
        RELEASED_HOLDS,
        ADMIN_LOG,
    )
    durable_batches = False
    verb = Verb("clear", "cleared")
    noun = ("record", "records")

    def stages(self, now: datetime) -> Sequence[RowStage[Any]]:
        expired = {"expires_at__lt": TOKENS.cutoff(now)}
        sessions = Session.objects.filter(expire_date__lt=now)
        return [
            RowStage(RefreshToken.objects.filter(**expired), partial(self.delete, "tokens"), retention=TOKENS),
            RowStage(MagicLinkToken.objects.filter(**expired), partial(self.delete, "magic_links"), retention=TOKENS),
            self._past(MagicLinkToken.objects.exclude(**expired), IDLE_LINKS, "magic_links", now),
            RowStage(sessions, partial(self.delete, "sessions"), self.preview_sessions),
            self._past(LoginAttempt.objects.all(), LOGIN_ATTEMPTS, "login_attempts", now),
            self._past(Notification.objects.all(), NOTIFICATIONS, "notifications", now),
            RowStage(self.answered(ANSWERED.cutoff(now)), self.anonymise, retention=ANSWERED),
            self._past(ConsentRecord.objects.all(), WITHDRAWN, "consents", now),
            self._past(UserFormerEmail.objects.all(), FORMER_ADDRESSES, "former_addresses", now),
            self._past(DeletionRequest.objects.carried_out(), EVIDENCE, "deletion_requests", now),
            self._past(DeletionRequest.objects.cancelled(), CANCELLED, "deletion_requests", now),
            self._past(Hold.objects.all(), RELEASED_HOLDS, "holds", now),
            self._past(LogEntry.objects.all(), ADMIN_LOG, "admin_log_entries", now),
        ]

    def _past(self, rows: QuerySet[Any], limit: Retention, kind: str, now: datetime) -> RowStage[Any]:
        """Return the stage that deletes those of `rows` that are past a limit."""
        past = rows.filter(**{f"{limit.field}__lt": limit.cutoff(now)})
        return RowStage(past, partial(self.delete, kind), retention=limit)

    def answered(self, cutoff: datetime) -> QuerySet[Invitation]:
        """Return the invitations that were answered before `cutoff` and still have an address."""
        return Invitation.objects.filter(Q(accepted_at__lt=cutoff) | Q(declined_at__lt=cutoff)).exclude(email="")

    def delete(self, kind: str, batch: QuerySet[Any]) -> Outcome:
        rows = delete_rows(batch)
        return Outcome(deleted=rows, counts={kind: rows})

    def anonymise(self, batch: QuerySet[Invitation]) -> Outcome:
        rows = batch.update(email="")
        return Outcome(changed=rows, counts={"invitations": rows})

    def preview_sessions(self, batch: QuerySet[Session]) -> Preview:
        del batch
        return Preview(ids=[])  # the key of a session is a credential

    def remark(self, counts: Mapping[str, int], options: Collection[str]) -> str:
        del options
        return among(counts, _NOUNS)


_NOUNS = {
    "tokens": ("refresh token", "refresh tokens"),
    "magic_links": ("magic link", "magic links"),
    "sessions": ("session", "sessions"),
    "login_attempts": ("login attempt", "login attempts"),
    "notifications": ("notification", "notifications"),
    "invitations": ("address of an answered invitation", "addresses of answered invitations"),
    "deletion_requests": ("deletion request with its evidence", "deletion requests with their evidence"),
    "consents": ("withdrawn consent", "withdrawn consents"),
    "former_addresses": ("former address", "former addresses"),
    "holds": ("released legal hold", "released legal holds"),
    "admin_log_entries": ("admin log entry", "admin log entries"),
}

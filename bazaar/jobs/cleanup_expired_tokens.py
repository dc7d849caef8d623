from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet

from bazaar.models import DeletionRequest, Invitation, LoginAttempt, MagicLinkToken, Notification, RefreshToken, Session
from maintenance.api import Job, Outcome, Preview, Retention, RowStage, Verb, delete_rows

TOKENS = Retention("EXPIRED_TOKEN_RETENTION_DAYS", field="expires_at", days=7)
LOGIN_ATTEMPTS = Retention("LOGIN_ATTEMPT_RETENTION_DAYS", days=90)
NOTIFICATIONS = Retention("NOTIFICATION_RETENTION_DAYS", days=180)
ANSWERED = Retention("ANSWERED_INVITATION_RETENTION_DAYS", days=30)
EVIDENCE = Retention("DELETION_EVIDENCE_RETENTION_YEARS", field="completed_at", years=3)


class CleanupExpiredTokens(Job):
    name = "cleanup-expired-tokens"
    description = (
        "Clear expired tokens and sessions, old log-in attempts and notifications, addresses in answered invitations, "
        "and the evidence of deletions that were carried out years ago."
    )
    about = (
        "An invitation that was accepted or declined stays without its e-mail address. Empty is nobody's address, "
        "so that an erasure, which looks for a person's own, finds nothing in it."
    )
    schedule = "0 1 * * *"
    retentions = (TOKENS, LOGIN_ATTEMPTS, NOTIFICATIONS, ANSWERED, EVIDENCE)
    durable_batches = False
    verb = Verb("clear", "cleared")
    noun = ("record", "records")

    def stages(self, now: datetime) -> Sequence[RowStage[Any]]:
        expired = {"expires_at__lt": TOKENS.cutoff(now)}
        sessions = Session.objects.filter(expire_date__lt=now)
        return [
            RowStage(RefreshToken.objects.filter(**expired), partial(self.delete, "tokens"), retention=TOKENS),
            RowStage(MagicLinkToken.objects.filter(**expired), partial(self.delete, "magic_links"), retention=TOKENS),
            RowStage(sessions, partial(self.delete, "sessions"), self.preview_sessions),
            RowStage(
                LoginAttempt.objects.filter(created_at__lt=LOGIN_ATTEMPTS.cutoff(now)),
                partial(self.delete, "login_attempts"),
                retention=LOGIN_ATTEMPTS,
            ),
            RowStage(
                Notification.objects.filter(created_at__lt=NOTIFICATIONS.cutoff(now)),
                partial(self.delete, "notifications"),
                retention=NOTIFICATIONS,
            ),
            RowStage(self.answered(ANSWERED.cutoff(now)), self.anonymise, retention=ANSWERED),
            RowStage(
                self.old_evidence(EVIDENCE.cutoff(now)),
                partial(self.delete, "deletion_requests"),
                retention=EVIDENCE,
            ),
        ]

    def answered(self, cutoff: datetime) -> QuerySet[Invitation]:
        """Invitations that were answered before `cutoff` and still hold an address."""
        return Invitation.objects.filter(Q(accepted_at__lt=cutoff) | Q(declined_at__lt=cutoff)).exclude(email="")

    def old_evidence(self, cutoff: datetime) -> QuerySet[DeletionRequest]:
        """Return the requests that were carried out before `cutoff`."""
        completed: QuerySet[DeletionRequest] = DeletionRequest.objects.filter(status=DeletionRequest.Status.COMPLETED)
        return completed.filter(completed_at__lt=cutoff)

    def delete(self, kind: str, batch: QuerySet[Any]) -> Outcome:
        rows = delete_rows(batch)
        return Outcome(deleted=rows, counts={kind: rows})

    def anonymise(self, batch: QuerySet[Invitation]) -> Outcome:
        rows = batch.update(email="")
        return Outcome(changed=rows, counts={"invitations": rows})

    def preview_sessions(self, batch: QuerySet[Session]) -> Preview:
        del batch
        return Preview(ids=[])  # a session's key lets somebody in

    def remark(self, counts: Mapping[str, int], _options: Collection[str]) -> str:
        parts = [f"{counts[kind]:,} {words}" for kind, words in _WORDS.items() if counts.get(kind)]
        return f"These were: {', '.join(parts)}." if parts else ""


_WORDS = {
    "tokens": "refresh tokens",
    "magic_links": "magic links",
    "sessions": "sessions",
    "login_attempts": "log-in attempts",
    "notifications": "notifications",
    "invitations": "addresses of answered invitations",
    "deletion_requests": "deletion requests with their evidence",
}

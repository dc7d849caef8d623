"""Invitations to join a project."""

import hashlib
import secrets

from django.conf import settings
from django.db import models

from bazaar.fields import NormalizedEmailField, is_lower_case
from bazaar.models.base import Record, by_age
from bazaar.models.projects import Project, Role


def digest(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def pending(self) -> "InvitationQuerySet":
        """Invitations that nobody has answered."""
        return self.filter(accepted_at=None, declined_at=None)

    def with_token(self, token: str) -> "InvitationQuerySet":
        """The invitation that a link was sent for."""
        return self.filter(token_hash=digest(token))


def new_token() -> str:
    return secrets.token_urlsafe(32)


def unknown_token_hash() -> str:
    """Return the hash of a token that nobody has, for an invitation without a link."""
    return digest(new_token())


def _answered(field: str, name: str) -> models.Index:
    """Return an index of the answered invitations that still have an address: there are few."""
    return models.Index(
        fields=[field], condition=models.Q(**{f"{field}__isnull": False}) & ~models.Q(email=""), name=name
    )


class Invitation(Record):
    """An offer to somebody, member or not, to join a project; only the hash of its token is kept."""

    email = NormalizedEmailField(db_index=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sent_invitations")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=12, choices=Role, default=Role.CONTRIBUTOR)
    token_hash = models.CharField(max_length=64, unique=True, default=unknown_token_hash, editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = "invitation"
        constraints = [is_lower_case("email", "invitation_email_is_lower_case")]
        indexes = [
            by_age(
                "created_at",
                condition=models.Q(accepted_at=None, declined_at=None),
                name="invitation_pending_created_at",
            ),
            _answered("accepted_at", name="invitation_accepted_at"),
            _answered("declined_at", name="invitation_declined_at"),
        ]

    def renew_token(self) -> str:
        """Give the invitation a token for its link, and return it. It is not saved, and cannot be read again."""
        token = new_token()
        self.token_hash = digest(token)
        return token

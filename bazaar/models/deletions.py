"""Requests to delete an account, and the evidence that it was done."""

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bazaar import mail
from bazaar.deletion_errors import AlreadyErased, AlreadyRequested, NotPending, StaffAreAnonymised
from bazaar.ledger.choices import CancelReason, Channel, ClosingNotice, Kind
from bazaar.models.user_lock import lock_user

if TYPE_CHECKING:
    from bazaar.models.users import User


AWAITS_APPROVAL = Q(needs_approval=True, approved_at=None)  # of a second person


class DeletionRequestQuerySet(models.QuerySet["DeletionRequest"]):
    def carried_out(self) -> "DeletionRequestQuerySet":
        """Requests that an erasure has ended, proven or not."""
        return self.filter(status__in=[DeletionRequest.Status.COMPLETED, DeletionRequest.Status.UNPROVEN])

    def cancelled(self) -> "DeletionRequestQuerySet":
        """Requests that were cancelled before they were carried out."""
        return self.filter(status=DeletionRequest.Status.CANCELLED)

    def pending(self) -> "DeletionRequestQuerySet":
        """Requests that wait for their date, and that nothing holds."""
        return self.filter(status=DeletionRequest.Status.PENDING)

    def open(self) -> "DeletionRequestQuerySet":
        """Requests that are neither carried out nor cancelled: pending ones and held ones."""
        return self.filter(status__in=DeletionRequest.OPEN)

    def awaiting_approval(self) -> "DeletionRequestQuerySet":
        """Open requests that a second person has to approve."""
        return self.open().filter(AWAITS_APPROVAL)

    def past_date(self, now: datetime) -> "DeletionRequestQuerySet":
        """Open requests whose promised date has passed, held or not, unless somebody still has to approve them."""
        return self.open().filter(~AWAITS_APPROVAL, scheduled_for__lt=now)

    def due(self, now: datetime) -> "DeletionRequestQuerySet":
        """Requests whose promised date has passed, and that nothing holds."""
        held = apps.get_model("holds", "Hold").objects.active().filter(user__isnull=False).values("user")
        return self.past_date(now).pending().exclude(user_pk__in=held)


class DeletionRequestManager(models.Manager.from_queryset(DeletionRequestQuerySet)):  # type: ignore[misc] # built at run time
    """Makes and cancels requests; each leaves an audit entry, and all of it happens or nothing."""

    @transaction.atomic
    def request(
        self,
        user: "User",
        *,
        anonymize: bool = True,
        now: datetime | None = None,
        by: "User | None" = None,
        channel: str = "site",
    ) -> "DeletionRequest":
        """Request the deletion of `user` after the grace period; `channel` is a `Channel`.

        The request and its audit entry name `by`, who entered it and has verified that it comes from the person. For
        staff, somebody else has to approve it (`bazaar.approvals`), unless they asked for it themselves.

        Raises a `DeletionError` for the last active superuser, for staff unless they are anonymised, for a user
        with an open request (its mode and date were promised), and for a user who was anonymised already.
        """
        from bazaar.decisions import recording as decisions
        from bazaar.holds.service import is_held

        now = now or timezone.now()
        locked = lock_user(user.pk)
        self._refuse(locked, anonymize=anonymize)
        request: DeletionRequest = self.create(
            user=locked,
            user_pk=locked.pk,
            anonymize_contributions=anonymize,
            status=DeletionRequest.Status.HELD if is_held(locked.pk) else DeletionRequest.Status.PENDING,
            requested_at=now,
            scheduled_for=now + timedelta(days=settings.DELETION_GRACE_DAYS),
            channel=Channel(channel),
            verified_by=by,
            # Nobody alone ends the account of a colleague.
            needs_approval=locked.counts_as_staff(timezone.now()) and not _is_own_wish(locked, by, channel),
            notice_due_at=now if mail.is_configured() else None,
            # Distinguishes the person from a later user with the same id (SQLite reuses ids).
            evidence={"public_id": str(locked.public_id)},
        )
        self._mark(locked.pk, now)
        mode = "anonymise" if anonymize else "delete"
        details = {"mode": mode, "channel": channel, "scheduled_for": request.scheduled_for.isoformat()}
        self._record("deletion.requested", request, by, details)
        user.deletion_requested_at = now
        decisions.record(Kind.REQUESTED, request, locked)
        return request

    @transaction.atomic
    def cancel(
        self, request: "DeletionRequest", *, by: "User | None" = None, reason: str, now: datetime | None = None
    ) -> None:
        """Cancel `request`. The audit entry names `by`; `reason` is a `DeletionRequest.CancelReason`.

        Raises `NotPending` if the request was carried out or cancelled by another process first.
        """
        from bazaar.decisions import recording as decisions

        now = now or timezone.now()
        cancelled = {
            "status": DeletionRequest.Status.CANCELLED,
            "cancelled_at": now,
            "cancelled_by": by,
            "cancel_reason": DeletionRequest.CancelReason(reason),
        }
        if not self.filter(pk=request.pk).open().update(**cancelled):
            raise NotPending
        self._mark(request.user_pk, None)
        self._record("deletion.cancelled", request, by, {"reason": str(cancelled["cancel_reason"])})
        request.refresh_from_db()
        decisions.record(Kind.CANCELLED, request, request.user)

    def _refuse(self, user: "User", *, anonymize: bool) -> None:
        if user.anonymized_at:
            raise AlreadyErased
        if not anonymize and (user.is_staff or user.is_superuser):
            raise StaffAreAnonymised
        if self.filter(user_pk=user.pk).open().exists():
            raise AlreadyRequested

    def _mark(self, user_pk: int, when: datetime | None) -> None:
        apps.get_model("bazaar", "User").objects.filter(pk=user_pk).update(deletion_requested_at=when)

    def _record(self, action: str, request: "DeletionRequest", by: "User | None", metadata: dict[str, Any]) -> None:
        apps.get_model("bazaar", "AuditLog").objects.create(
            action=action,
            user=by,
            subject=request.user,
            resource_type="deletion_request",
            resource_id=str(request.pk),
            metadata=metadata,
        )


def _is_own_wish(user: "User", by: "User | None", channel: str) -> bool:
    return by == user or (by is None and channel == Channel.SITE)


def _operator() -> "models.ForeignKey[Any, Any]":
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")


class DeletionRequest(models.Model):
    """A person's request to delete their account. The row stays as evidence after the erasure."""

    class Status(models.TextChoices):
        PENDING = "pending", _("Pending")
        HELD = "held", _("Held")
        COMPLETED = "completed", _("Completed")
        CANCELLED = "cancelled", _("Cancelled")
        UNPROVEN = "unproven", _("Cannot be proven")

    OPEN = (Status.PENDING, Status.HELD)
    CancelReason = CancelReason
    Channel = Channel
    ClosingNotice = ClosingNotice

    public_id = models.UUIDField(
        default=uuid.uuid4, unique=True, editable=False, help_text="Names the request in the ledger."
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="deletion_requests"
    )
    user_pk = models.BigIntegerField(db_index=True, help_text="The user's id; kept when the user is gone.")
    anonymize_contributions = models.BooleanField(
        default=True, help_text="Keep projects, ideas and votes as `[Deleted User]`; otherwise delete everything."
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    requested_at = models.DateTimeField(default=timezone.now)
    channel = models.CharField("came in", max_length=10, choices=Channel, blank=True)
    verified_by = _operator()
    needs_approval = models.BooleanField(default=False, help_text="Somebody other than who entered it has to approve.")
    approved_by = _operator()
    approved_at = models.DateTimeField(null=True, blank=True)
    notice_due_at = models.DateTimeField(null=True, blank=True, help_text="When the next mail to the person is sent.")
    notice_attempts = models.PositiveSmallIntegerField(default=0)
    notified_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    closing_notice = models.CharField(
        "last mail", max_length=14, choices=ClosingNotice, blank=True, default="", db_default=""
    )
    closing_notice_at = models.DateTimeField("last mail sent", null=True, blank=True)
    scheduled_for = models.DateTimeField(help_text="The date that the person was promised.")
    completed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = _operator()
    cancel_reason = models.CharField(max_length=20, choices=CancelReason, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    last_attempt_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(
        max_length=200, blank=True, help_text="Class and SQLSTATE of what went wrong; never its text."
    )
    evidence = models.JSONField(default=dict, blank=True, help_text="How many rows of which model went.")

    objects = DeletionRequestManager()

    class Meta:
        verbose_name = "deletion request"
        constraints = [
            models.UniqueConstraint(
                fields=["user_pk"],
                condition=models.Q(status__in=["pending", "held"]),
                name="one_open_deletion_request_per_user",
            ),
        ]
        indexes = [
            models.Index(
                fields=["scheduled_for"],
                condition=Q(status__in=["pending", "held"]),
                name="deletion_open_scheduled_for",
            ),
            # The order of the list in the admin: pending requests by their date, then the others, the latest first.
            models.Index(
                models.Case(models.When(status="pending", then=models.F("scheduled_for"))).asc(),
                models.F("id").desc(),
                name="deletion_request_list",
            ),
            models.Index(
                fields=["notice_due_at"], condition=Q(notice_due_at__isnull=False), name="deletion_notice_due_at"
            ),
            models.Index(fields=["requested_at"], name="deletion_requested_at"),
            models.Index(fields=["completed_at"], name="deletion_completed_at"),
            models.Index(fields=["cancelled_at"], name="deletion_cancelled_at"),
        ]

    def __str__(self) -> str:
        return f"deletion request {self.pk}"

    @property
    def is_awaiting_approval(self) -> bool:
        return self.status in self.OPEN and self.needs_approval and self.approved_at is None

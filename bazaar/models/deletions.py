"""Requests to delete an account, and the evidence that it was done."""

import uuid
from datetime import datetime
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bazaar.ledger.choices import CancelReason, Channel, ClosingNotice

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

    objects = DeletionRequestQuerySet.as_manager()

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

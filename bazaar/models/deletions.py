"""Requests to delete an account, and the evidence that it was done."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class DeletionRequest(models.Model):
    """A person's wish to be gone; outlives the person as evidence."""

    class Status(models.TextChoices):
        PENDING = "pending"
        COMPLETED = "completed"
        CANCELLED = "cancelled"

    class CancelReason(models.TextChoices):
        CHANGED_MIND = "changed_mind", "The person changed their mind"
        BY_MISTAKE = "by_mistake", "The request was made by mistake"
        NOT_THE_OWNER = "not_the_owner", "The request was not made by the owner of the account"
        LEGAL_HOLD = "legal_hold", "The data has to be kept by law for now"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="deletion_requests"
    )
    user_pk = models.BigIntegerField(db_index=True, help_text="The user's id; kept when the user is gone.")
    anonymize_contributions = models.BooleanField(
        default=True, help_text="Keep projects, ideas and votes as `[Deleted User]`; otherwise delete everything."
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    requested_at = models.DateTimeField(default=timezone.now)
    scheduled_for = models.DateTimeField(help_text="The date that the person was promised.")
    completed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    cancel_reason = models.CharField(max_length=20, choices=CancelReason, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    last_attempt_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(
        max_length=200, blank=True, help_text="Class and SQLSTATE of what went wrong; never its text."
    )
    evidence = models.JSONField(default=dict, blank=True, help_text="How many rows of which model went.")

    class Meta:
        verbose_name = "deletion request"
        constraints = [
            models.UniqueConstraint(
                fields=["user_pk"], condition=models.Q(status="pending"), name="one_open_deletion_request_per_user"
            ),
        ]
        indexes = [
            models.Index(
                fields=["scheduled_for"], condition=models.Q(status="pending"), name="deletion_pending_scheduled_for"
            ),
            models.Index(fields=["completed_at"], name="deletion_completed_at"),
        ]

    def __str__(self) -> str:
        return f"deletion request {self.pk}"

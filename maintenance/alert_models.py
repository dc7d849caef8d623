"""The models of alerts: errors of the health report that lasted, and the outbox of messages about them."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Trouble(models.Model):
    """An error of the health report, from its first to its last appearance. Times are by the database's clock."""

    key = models.CharField(max_length=64, unique=True, help_text="Digest of what makes the error the same one.")
    code = models.CharField(max_length=100)
    job = models.CharField(max_length=100, blank=True)
    sentence = models.TextField()
    remedy = models.TextField(blank=True)
    since = models.DateTimeField()
    gone_since = models.DateTimeField(null=True, blank=True, help_text="The report has not had it since.")
    told_at = models.DateTimeField(null=True, blank=True, help_text="The time of the last message about it.")

    class Meta:
        verbose_name = "trouble"

    def __str__(self) -> str:
        return f"{self.code} {self.job}".strip()


class AlertKind(models.TextChoices):
    TROUBLE = "trouble", _("Trouble")
    REMINDER = "reminder", _("Reminder")
    RECOVERY = "recovery", _("Recovery")
    TEST = "test", _("Test")


class AlertStatus(models.TextChoices):
    QUEUED = "queued", _("Queued")
    SENDING = "sending", _("Sending")
    SENT = "sent", _("Sent")
    UNSURE = "unsure", _("Unsure")
    GIVEN_UP = "given_up", _("Given up")
    OBSOLETE = "obsolete", _("Obsolete")


UNFINISHED = (AlertStatus.QUEUED, AlertStatus.SENDING)
TOLD = (AlertStatus.QUEUED, AlertStatus.SENDING, AlertStatus.SENT, AlertStatus.UNSURE)
"""States of a message that the channel has, or may get."""


class AlertDelivery(models.Model):
    """The outbox: one message on one channel. Nothing of a channel's address is stored, only its name."""

    message = models.UUIDField(default=uuid4, help_text="The same on all channels.")
    kind = models.CharField(max_length=10, choices=AlertKind)
    channel = models.CharField(max_length=60, help_text="Scheme and digest of its address.")
    title = models.CharField(max_length=200)
    text = models.TextField()
    troubles = models.JSONField(default=list, blank=True, help_text="Keys of the errors that it is about.")
    status = models.CharField(max_length=10, choices=AlertStatus, default=AlertStatus.QUEUED)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now, help_text="The time of the next attempt.")
    attempts = models.PositiveIntegerField(default=0)
    attempted_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=100, blank=True, help_text="Why the last attempt failed; no text of an error.")

    class Meta:
        verbose_name = "alert"
        ordering = ("-id",)
        constraints = [models.UniqueConstraint(fields=["message", "channel"], name="one_alert_per_message_and_channel")]
        indexes = [
            models.Index(
                fields=["channel", "id"], condition=Q(status__in=["queued", "sending"]), name="alert_unfinished"
            ),
            models.Index(fields=["channel", "-id"], name="alert_latest"),
            models.Index(fields=["created_at"], name="alert_created_at"),
        ]

    def __str__(self) -> str:
        return f"alert {self.pk}"

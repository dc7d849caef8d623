"""What members are told."""

from django.conf import settings
from django.db import models

from bazaar.models.base import Record, by_age


class Notification(Record):
    """A message to a user, perhaps about another one."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="caused_notifications",
        help_text="Whom the message is about.",
    )
    type = models.CharField(max_length=50)
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    data = models.JSONField(default=dict, blank=True)
    read = models.BooleanField(default=False)

    class Meta:
        verbose_name = "notification"
        indexes = [by_age("created_at", name="notification_created_at")]

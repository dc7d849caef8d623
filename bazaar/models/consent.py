"""What people agreed to."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from bazaar.models.base import by_age


class ConsentRecord(models.Model):
    """A consent given, perhaps withdrawn, and from where."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="consents")
    consent_type = models.CharField(max_length=50)
    granted = models.BooleanField()
    granted_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)
    ip_address = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.TextField(blank=True)

    class Meta:
        verbose_name = "consent record"
        indexes = [
            models.Index(fields=["granted_at"], name="consent_granted_at"),
            by_age("revoked_at", name="consent_revoked_at"),
        ]

    def __str__(self) -> str:
        return f"consent record {self.pk}"

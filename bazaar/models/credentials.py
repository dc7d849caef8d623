"""What lets somebody in, and who tried."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from bazaar.fields import NormalizedEmailField, is_lower_case
from bazaar.models.base import Record, by_age
from bazaar.places import place_of


class PushToken(Record):
    """A device that gets push notifications."""

    class Platform(models.TextChoices):
        IOS = "ios", "iOS"
        ANDROID = "android", "Android"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="push_tokens")
    token = models.CharField(max_length=255, unique=True)
    platform = models.CharField(max_length=10, choices=Platform)
    last_used_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "push token"
        indexes = [by_age("last_used_at", name="push_token_last_used_at")]


class RefreshToken(Record):
    """A long-lived log-in of an app; only the token's hash is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="refresh_tokens")
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "refresh token"
        indexes = [by_age("expires_at", name="refresh_token_expires_at")]


class MagicLinkToken(Record):
    """A link sent by e-mail that logs somebody in once; only the token's hash is kept."""

    email = NormalizedEmailField(db_index=True)
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "magic link"
        indexes = [
            by_age("expires_at", name="magic_link_expires_at"),
            by_age("created_at", name="magic_link_created_at"),
        ]
        constraints = [is_lower_case("email", "magic_link_email_is_lower_case")]


class LoginAttempt(Record):
    """Somebody tried to log in, with an address that may be nobody's."""

    email = NormalizedEmailField(db_index=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="login_attempts"
    )
    success = models.BooleanField(default=False)
    ip_address = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.TextField(blank=True)
    network = models.CharField(max_length=50, blank=True, help_text="An IPv4 address, or the /64 of an IPv6 address.")
    device = models.CharField(max_length=32, blank=True, help_text="A device on which the user has logged in before.")
    lifted_at = models.DateTimeField(null=True, blank=True, help_text="Since when a failure counts no more.")

    class Meta:
        verbose_name = "login attempt"
        indexes = [by_age("created_at", name="login_attempt_created_at")]
        constraints = [is_lower_case("email", "login_attempt_email_lower_case")]

    def save(self, *args: Any, **options: Any) -> None:
        self.network = self.network or place_of(self.ip_address)
        super().save(*args, **options)

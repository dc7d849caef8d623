"""Credentials and login attempts. To revoke a credential, delete it."""

from django.contrib import admin

from bazaar.admin.base import HistoryAdmin, RecordedAdmin
from bazaar.models import LoginAttempt, MagicLinkToken, PushToken, RefreshToken

WHOLE_ADDRESS = "A whole e-mail address."


@admin.register(PushToken)
class PushTokenAdmin(RecordedAdmin):
    list_display = ("id", "user", "platform", "last_used_at", "created_at")
    list_filter = ("platform", "last_used_at")
    list_select_related = ("user",)
    search_fields = ("user__email__exact",)
    search_help_text = WHOLE_ADDRESS


@admin.register(RefreshToken)
class RefreshTokenAdmin(RecordedAdmin):
    list_display = ("id", "user", "created_at", "expires_at", "revoked_at")
    list_filter = ("expires_at", ("revoked_at", admin.EmptyFieldListFilter))
    list_select_related = ("user",)
    search_fields = ("user__email__exact",)
    search_help_text = WHOLE_ADDRESS


@admin.register(MagicLinkToken)
class MagicLinkTokenAdmin(RecordedAdmin):
    list_display = ("id", "email", "created_at", "expires_at", "used_at")
    list_filter = ("expires_at", ("used_at", admin.EmptyFieldListFilter))
    search_fields = ("email__exact",)
    search_help_text = WHOLE_ADDRESS


@admin.register(LoginAttempt)
class LoginAttemptAdmin(HistoryAdmin):
    list_display = ("id", "created_at", "email", "user", "success", "ip_address")
    list_filter = ("success", "created_at")
    list_select_related = ("user",)
    search_fields = ("email__exact", "ip_address__startswith")
    search_help_text = "A whole e-mail address, or the beginning of an IP address."

"""Notifications."""

from django.contrib import admin

from bazaar.admin.base import DomainAdmin
from bazaar.models import Notification


@admin.register(Notification)
class NotificationAdmin(DomainAdmin):
    list_display = ("id", "user", "actor", "type", "read", "created_at")
    list_filter = ("read", "created_at")
    list_select_related = ("user", "actor")
    search_fields = ("type__startswith", "user__email__exact", "actor__email__exact")
    search_help_text = "The beginning of a type, or a whole e-mail address."
    autocomplete_fields = ("user", "actor")

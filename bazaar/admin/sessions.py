"""Web sessions, without their keys: a session key is a credential."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from bazaar.admin.base import HistoryAdmin
from bazaar.models import Session


@admin.register(Session)
class SessionAdmin(HistoryAdmin):
    list_display = ("user", "expire_date")
    list_display_links = None
    list_filter = (("user", admin.EmptyFieldListFilter),)
    list_select_related = ("user",)
    search_fields = ("user__email__exact",)
    search_help_text = "A whole e-mail address."
    ordering = ("-expire_date",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The list only: the address of a single session's page would be its key."""
        return obj is None and super().has_view_permission(request)

"""The audit log."""

from django.contrib import admin

from bazaar.admin.base import HistoryAdmin
from bazaar.models import AuditLog


@admin.register(AuditLog)
class AuditLogAdmin(HistoryAdmin):
    list_display = ("id", "created_at", "action", "user", "subject", "resource_type", "resource_id")
    list_filter = ("created_at",)
    list_select_related = ("user", "subject")
    search_fields = ("action__startswith", "resource_id__exact", "user__email__exact", "subject__email__exact")
    search_help_text = "The beginning of an action; or a whole resource id or e-mail address."

"""Requests to delete an account, and the evidence that it was done."""

from django.contrib import admin

from bazaar.admin.base import HistoryAdmin
from bazaar.models import DeletionRequest


@admin.register(DeletionRequest)
class DeletionRequestAdmin(HistoryAdmin):
    list_display = (
        "id",
        "user_pk",
        "status",
        "anonymize_contributions",
        "requested_at",
        "scheduled_for",
        "completed_at",
        "cancelled_at",
        "attempts",
        "last_error",
    )
    list_filter = ("status", "anonymize_contributions", "scheduled_for", ("last_error", admin.EmptyFieldListFilter))
    search_fields = ("user_pk__exact", "user__email__exact")
    search_help_text = "A user's id, or a whole e-mail address."
    date_hierarchy = "requested_at"

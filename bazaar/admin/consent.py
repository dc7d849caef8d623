"""Consent records."""

from django.contrib import admin

from bazaar.admin.base import HistoryAdmin
from bazaar.models import ConsentRecord


@admin.register(ConsentRecord)
class ConsentRecordAdmin(HistoryAdmin):
    list_display = ("id", "user", "consent_type", "granted", "granted_at", "revoked_at")
    list_filter = ("granted_at", "granted", ("revoked_at", admin.EmptyFieldListFilter))
    list_select_related = ("user",)
    search_fields = ("consent_type__startswith", "user__email__exact")
    search_help_text = "The beginning of a type of consent, or a whole e-mail address."

"""Uploads. A job deletes unused uploads, so they cannot be deleted here."""

from django.contrib import admin

from bazaar.admin.base import HistoryAdmin
from bazaar.models import Upload


@admin.register(Upload)
class UploadAdmin(HistoryAdmin):
    list_display = ("id", "stored_name", "mime_type", "size", "uploaded_by", "created_at", "condemned_at")
    list_filter = (
        "created_at",
        ("condemned_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("uploaded_by",)
    search_fields = ("file", "original_name", "uploaded_by__email")
    fields = (
        "stored_name",
        "original_name",
        "mime_type",
        "size",
        "uploaded_by",
        "created_at",
        "condemned_at",
    )
    readonly_fields = ("stored_name",)

    @admin.display(description="file", ordering="file")
    def stored_name(self, upload: Upload) -> str:
        """The name of the file, without Django's link to its content."""
        return upload.file.name or ""

"""The audit log: who did what, when."""

from django.conf import settings
from django.db import models

from bazaar.models.base import Record, by_age


class AuditLog(Record):
    """One action of a person or of the maintenance app."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="audit_logs"
    )
    subject = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="audit_logs_about",
        help_text="Whom the entry is about.",
    )
    cleaned_version = models.PositiveSmallIntegerField(
        default=0,
        db_default=0,
        editable=False,
        help_text="The cleaning rule that left nothing personal; 0: never examined. A trigger sets it back when "
        "the row changes.",
    )
    action = models.CharField(max_length=100)
    resource_type = models.CharField(max_length=50, blank=True)
    resource_id = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 - null once it named a person
    ip_address = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.TextField(null=True, blank=True)  # noqa: DJ001 - null is "anonymised", empty is "none sent"
    metadata = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = "audit log"
        indexes = [
            by_age("created_at", name="audit_log_created_at"),
            # No condition: it would name the cleaning rule, and have to be changed with it.
            models.Index(fields=["cleaned_version", "created_at", "id"], name="audit_log_examined"),
            models.Index(fields=["resource_id", "resource_type"], name="audit_log_resource_id"),
        ]

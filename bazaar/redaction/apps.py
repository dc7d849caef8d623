from django.apps import AppConfig


class RedactionConfig(AppConfig):
    """The cleaner of metadata, and the numbers of its rules."""

    name = "bazaar.redaction"
    default_auto_field = "django.db.models.BigAutoField"

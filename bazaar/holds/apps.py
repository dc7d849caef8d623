from django.apps import AppConfig


class HoldsConfig(AppConfig):
    name = "bazaar.holds"
    verbose_name = "Legal holds"
    default_auto_field = "django.db.models.BigAutoField"

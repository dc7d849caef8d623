from django.apps import AppConfig
from django.db.models.signals import post_migrate


class DecisionsConfig(AppConfig):
    name = "bazaar.decisions"
    verbose_name = "Decisions about persons"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from bazaar.decisions.models import name_database

        post_migrate.connect(name_database, sender=self)

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class BazaarConfig(AppConfig):
    name = "bazaar"
    verbose_name = "Multiverse Bazaar"

    def ready(self) -> None:
        from bazaar import checks  # noqa: F401 - registers the system checks
        from bazaar.triggers import install_triggers

        post_migrate.connect(install_triggers, sender=self)

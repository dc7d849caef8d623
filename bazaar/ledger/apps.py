from django.apps import AppConfig
from django.db.models.signals import post_migrate


class LedgerConfig(AppConfig):
    name = "bazaar.ledger"
    verbose_name = "Ledger"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from bazaar.ledger.triggers import install_triggers

        post_migrate.connect(install_triggers, sender=self)

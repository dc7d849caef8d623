from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class LedgerConfig(AppConfig):
    name = "bazaar.ledger"
    verbose_name = "Ledger"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from bazaar.ledger.triggers import drop_triggers_before_the_past, install_triggers

        pre_migrate.connect(drop_triggers_before_the_past, sender=self)
        post_migrate.connect(install_triggers, sender=self)

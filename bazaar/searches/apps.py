from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class SearchesConfig(AppConfig):
    name = "bazaar.searches"
    verbose_name = "Searches for erasures"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from bazaar.erasure.change_marks import drop_triggers, install_triggers

        pre_migrate.connect(drop_triggers, sender=self)
        post_migrate.connect(install_triggers, sender=self)

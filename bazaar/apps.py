from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate


class BazaarConfig(AppConfig):
    name = "bazaar"
    verbose_name = "Multiverse Bazaar"

    def ready(self) -> None:
        from bazaar import checks  # noqa: F401 - registers the system checks
        from bazaar.erasure.traces import overwrite_what_is_deleted
        from bazaar.services import make_private
        from bazaar.triggers import drop_triggers_in_the_way, install_triggers

        connection_created.connect(make_private)
        connection_created.connect(overwrite_what_is_deleted)
        pre_migrate.connect(drop_triggers_in_the_way, sender=self)
        post_migrate.connect(install_triggers, sender=self)

from django.apps import AppConfig
from django.core.management import get_commands
from django.db.models.signals import post_migrate


class MaintenanceConfig(AppConfig):
    name = "maintenance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django_q.signals import post_spawn, pre_execute

        from maintenance import checks  # noqa: F401 - registers the system checks
        from maintenance.conf import complete_queue
        from maintenance.scheduling.schedules import synchronise_after_migrate
        from maintenance.tasks import acknowledge_first, listen_to_signals

        complete_queue()
        # Whichever of the two apps is listed first: django-q2's own would start workers, and fire no schedule.
        get_commands()["qcluster"] = self.name
        post_migrate.connect(synchronise_after_migrate, sender=self)
        post_spawn.connect(listen_to_signals)
        pre_execute.connect(acknowledge_first)

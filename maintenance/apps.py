from django.apps import AppConfig
from django.core.management import get_commands
from django.db.models.signals import post_migrate


class MaintenanceConfig(AppConfig):
    name = "maintenance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django_q.signals import post_execute, post_execute_in_worker, post_spawn, pre_execute

        from maintenance import checks  # noqa: F401 - registers the system checks
        from maintenance.conf import complete_queue
        from maintenance.core import queue_guard
        from maintenance.health import canary  # noqa: F401 - its function is one that the queue may call
        from maintenance.scheduling.schedules import synchronise_after_migrate
        from maintenance.tasks import acknowledge_first, close_connections, listen_to_signals

        complete_queue()
        queue_guard.install()
        # In any order of the two apps: django-q2's `qcluster` fires no schedule, its `qinfo` prints SECRET_KEY.
        for command in ("qcluster", "qinfo"):
            get_commands()[command] = self.name
        post_migrate.connect(synchronise_after_migrate, sender=self)
        post_spawn.connect(listen_to_signals)
        pre_execute.connect(acknowledge_first)
        for has_ended in (post_execute_in_worker, post_execute):
            has_ended.connect(close_connections)

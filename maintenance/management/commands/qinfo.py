"""django-q2's `qinfo` without `--config`, which prints SECRET_KEY. `maintenance.apps` makes Django find it first."""

from typing import Any

from django.core.management.base import CommandParser

from maintenance.cli.base import MaintenanceCommand
from maintenance.cli.refusals import Refusal


class Command(MaintenanceCommand):
    help = "Show django-q2's view of its clusters. `manage.py doctor` checks the queue."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--config", action="store_true", help="refused: it would print SECRET_KEY")
        parser.add_argument("--ids", action="store_true", help="print the ids of the clusters")

    def handle(self, *, config: bool = False, ids: bool = False, **_options: Any) -> None:
        if config:
            raise Refusal.of_usage("--config is refused, because it would print SECRET_KEY: see Q_CLUSTER instead.")
        from django_q.monitor_terminal import get_ids, info

        if ids:
            get_ids()
        else:
            info()

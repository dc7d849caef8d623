from typing import Any

from maintenance.cli.base import MaintenanceCommand
from maintenance.cluster import Cluster
from maintenance.preflight import verify


class Command(MaintenanceCommand):
    help = (
        "Run the jobs at their times: workers, scheduler, and the recovery of what was lost. SIGTERM or Ctrl-C stops "
        "running jobs at their next batch, and everything within 15 seconds. Exit status 1: its supervisor should "
        "start it again. Several machines may run one each."
    )

    def handle(self, **_options: Any) -> None:
        verify()
        Cluster().run()

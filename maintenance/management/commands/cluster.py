from typing import Any

from django.core.management.base import CommandParser
from django_q.conf import Conf

from maintenance.cli.base import MaintenanceCommand
from maintenance.cli.refusals import Refusal
from maintenance.cluster.supervisor import Cluster
from maintenance.core.errors import NotReady
from maintenance.engine.preflight import verify


class Command(MaintenanceCommand):
    help = (
        "Run the jobs at their times: workers, scheduler and recovery. SIGTERM or Ctrl-C stops running jobs at their "
        "next batch, and the cluster within 15 seconds. Exit status 1: its supervisor should start it again. Each of "
        "several machines may run one cluster. `cluster` and `qcluster` are the same command."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        # The options of django-q2's own `qcluster`.
        parser.add_argument("--run-once", action="store_true", help="refused: `manage.py jobs run JOB` runs a job once")
        parser.add_argument("-n", "--name", help="refused, unless it is the queue's name: all clusters share one queue")

    def handle(self, *, run_once: bool = False, name: str | None = None, **_options: Any) -> None:
        if run_once:
            raise Refusal.of_usage("--run-once is refused: `manage.py jobs run JOB` runs a job once, and ends.")
        if name not in {None, Conf.PREFIX}:
            raise Refusal.of_usage(f"--name is refused: all clusters share the queue '{Conf.PREFIX}'. Omit it.")
        if Conf.CLUSTER_NAME != Conf.PREFIX:
            raise NotReady(
                f"Q_CLUSTER_NAME names another queue than '{Conf.PREFIX}', and no schedule would fire: remove it."
            )
        verify()
        Cluster(self._say).run()

    def _say(self, sentence: str) -> None:
        self.say(sentence)
        self.stdout.flush()  # a process that is forked later would print the buffer again

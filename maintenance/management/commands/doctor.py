import sys
from typing import Any

from django.core.management.base import CommandParser

from maintenance.cli.base import MaintenanceCommand
from maintenance.cli.options import add_json_option
from maintenance.cli.refusals import FAILED
from maintenance.core.states import Level
from maintenance.health.check_result import Verdict
from maintenance.health.doctor import examine

WIDTH = max(len(level.label) for level in Level)
INDENT = WIDTH + 2


class Command(MaintenanceCommand):
    help = (
        "Check the health of the maintenance app: database, settings, queue, schedules, runs, retention; each finding "
        "with its action. GET /health/jobs says the same. Exit status 0: OK, perhaps with warnings; 1: an error."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_json_option(parser)

    def handle(self, *, json: bool, **_options: Any) -> None:
        report = examine()
        if json:
            self.print_json(report)
        else:
            for verdict in report.verdicts:
                self.say(_line(verdict), hanging=INDENT)
        if not report.is_well:
            sys.exit(FAILED)


def _line(verdict: Verdict) -> str:
    return f"{verdict.level.label:{WIDTH}}  {verdict.sentence} {verdict.remedy}".rstrip()

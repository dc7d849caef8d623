import sys
from typing import Any

from django.core.management.base import CommandParser

from maintenance.cli.base import FAILED, MaintenanceCommand
from maintenance.doctor import examine
from maintenance.states import Level
from maintenance.verdicts import Verdict

WIDTH = max(len(level.label) for level in Level)


class Command(MaintenanceCommand):
    help = (
        "Say how the department is: database, settings, queue, schedules, runs, retention; each with its remedy. "
        "GET /health/jobs says the same. Exit status 0: well, perhaps with warnings; 1: something is wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object, and nothing else")

    def handle(self, *, json: bool, **_options: Any) -> None:
        report = examine()
        if json:
            self.print_json(report.as_json())
        else:
            for verdict in report.verdicts:
                self.stdout.write(_line(verdict))
        if not report.is_well:
            sys.exit(FAILED)


def _line(verdict: Verdict) -> str:
    return f"{verdict.level.label:{WIDTH}}  {verdict.sentence} {verdict.remedy}".rstrip()

import sys
from typing import Any

from django.core.management.base import CommandParser

from maintenance.cli.base import MaintenanceCommand
from maintenance.cli.options import add_json_option
from maintenance.cli.refusals import FAILED
from maintenance.core.states import Level
from maintenance.health.check_result import CheckResult
from maintenance.health.doctor import check
from maintenance.reporting.links import link_to, link_to_run

WIDTH = max(len(level.label) for level in Level)
INDENT = WIDTH + 2


class Command(MaintenanceCommand):
    help = (
        "Check the health of the jobs: database, settings, queue, schedules, runs, retention. Each finding has its "
        "action. GET /health/jobs answers the same. Exit status 0: OK, perhaps with warnings; 1: an error."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_json_option(parser)

    def handle(self, *, json: bool, **_options: Any) -> None:
        report = check()
        if json:
            self.print_json(report)
        else:
            for result in report.results:
                self.say(_line(result), hanging=INDENT)
        if not report.is_healthy:
            sys.exit(FAILED)


def _line(result: CheckResult) -> str:
    return f"{result.level.label:{WIDTH}}  {result.sentence} {result.remedy} {_link_of(result)}".rstrip()


def _link_of(result: CheckResult) -> str:
    """Return the page with the buttons for what to do about a warning or an error of a job."""
    if result.level is Level.WELL or not (result.run or result.job):
        return ""
    return link_to_run(result.run) if result.run else link_to("admin:maintenance_job", result.job)

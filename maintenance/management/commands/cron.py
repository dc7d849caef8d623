from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from maintenance.cli.base import MaintenanceCommand
from maintenance.cli.options import add_cron_argument, add_json_option, expression_of
from maintenance.core.cron import describe, next_times, normalise
from maintenance.core.time_text import weekday

TIMES_SHOWN = 5


class Command(MaintenanceCommand):
    help = (
        "Show the meaning of a cron expression and its next 5 runs, by the rules of `jobs schedule`. It changes "
        "nothing, and needs no database. Exit status 0: the expression is valid; 2: it is refused, with the reason."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_cron_argument(parser)
        add_json_option(parser)

    def handle(self, *, cron: list[str], json: bool, **_options: Any) -> None:
        given = expression_of(cron)
        expression = normalise(given)
        meaning, times = describe(expression), next_times(expression, timezone.now(), TIMES_SHOWN)
        if json:
            document = {"given": given, "expression": expression, "meaning": meaning, "next_times": times}
            return self.print_json(document)
        self.say(f"{expression}: {meaning} (UTC).")
        for time in times:
            self.say(f"  {weekday(time)}")
        return None

from typing import Any

from django.core.management.base import CommandParser

from maintenance.cli.base import MaintenanceCommand
from maintenance.cli.options import add_json_option
from maintenance.engine.preflight import verify_database
from maintenance.scheduling.schedules import synchronise


class Command(MaintenanceCommand):
    help = (
        "Give every job its one schedule row, with the time and the state that an operator decided; mend broken rows "
        "of jobs, remove those of jobs that are gone, leave others alone. `migrate` does the same."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_json_option(parser)

    def handle(self, *, json: bool, **_options: Any) -> None:
        verify_database()
        changes = synchronise()
        if json:
            self.print_json(changes)
            return
        for what, names in vars(changes).items():
            if names:
                self.say(f"{what}: {', '.join(names)}")
        if not changes:
            self.say("Every job has its schedule; nothing was changed.")

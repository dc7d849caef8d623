from typing import Any

from django.core.management.base import CommandParser

from maintenance.cli.base import MaintenanceCommand
from maintenance.cli.options import add_json_option
from maintenance.engine.preflight import verify_database
from maintenance.scheduling.schedules import synchronise


class Command(MaintenanceCommand):
    help = (
        "Write the schedule row of every job as its setting says: correct broken rows, remove those of removed jobs, "
        "and leave rows of other functions alone. `migrate` does the same."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_json_option(parser)

    def handle(self, *, json: bool, **_options: Any) -> None:
        verify_database()
        changes = synchronise()
        if json:
            self.print_json(changes)
            return
        for change, names in vars(changes).items():
            if names:
                self.say(f"{change}: {', '.join(names)}")
        if not changes:
            self.say("Nothing was changed: every job has its schedule.")

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from maintenance.cli.base import MaintenanceCommand
from maintenance.preflight import verify_database
from maintenance.schedules import synchronise


class Command(MaintenanceCommand):
    help = (
        "Give every job its one schedule row, with the time and the state that an operator decided; mend broken rows "
        "of jobs, remove those of jobs that are gone, leave others alone. `migrate` does the same."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object, and nothing else")

    def handle(self, *, json: bool, **_options: Any) -> None:
        verify_database()
        changes = synchronise()
        if json:
            self.print_json(asdict(changes))
            return
        for what, names in asdict(changes).items():
            if names:
                self.stdout.write(f"{what}: {', '.join(names)}")
        if not changes:
            self.stdout.write("Every job has its schedule; nothing was changed.")

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from maintenance.cli.base import MaintenanceCommand
from maintenance.cli.tables import minute, print_table
from maintenance.preflight import verify_database
from maintenance.status import get_retention


class Command(MaintenanceCommand):
    help = "Show each retention policy: its limit, how many records are past it, the oldest of them, the next run."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON document, and nothing else")

    def handle(self, *, json: bool, **_options: Any) -> None:
        verify_database()
        policies = get_retention()
        if json:
            return self.print_json([asdict(policy) for policy in policies])
        print_table(
            self.stdout,
            ["Job", "Limit", "Set by", "Past it#", "Oldest", "Next run"],
            [
                (
                    p.job,
                    p.limit,
                    p.setting,
                    f"{p.overdue:,}",
                    minute(p.oldest),
                    minute(p.next_run) if p.next_run else "disabled",
                )
                for p in policies
            ],
        )
        return None

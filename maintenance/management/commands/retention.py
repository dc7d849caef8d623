from typing import Any

from django.core.management.base import CommandParser

from maintenance.cli.base import MaintenanceCommand
from maintenance.cli.options import add_json_option
from maintenance.cli.tables import DASH, Column, print_table
from maintenance.core.clock import database_now
from maintenance.core.time_text import day, minute, relative
from maintenance.engine.preflight import verify_database
from maintenance.reporting.status import get_retention

LIMITS = (
    Column("Job", is_whole=True, only_wide=True),
    Column("Setting", is_whole=True),
    Column("Limit", is_whole=True),
    Column("Past limit", is_number=True),
    Column("Oldest", is_whole=True),
    Column("Next run", is_whole=True),
    Column("Next run (UTC)", is_whole=True, only_wide=True),
)


class Command(MaintenanceCommand):
    help = "Show each age limit, the number of records past it, the oldest record, and the next run."

    def add_arguments(self, parser: CommandParser) -> None:
        add_json_option(parser)

    def handle(self, *, json: bool, **_options: Any) -> None:
        verify_database()
        policies = get_retention()
        if json:
            return self.print_json(policies)
        now = database_now()
        rows = [
            (
                policy.job,
                policy.setting,
                policy.limit,
                f"{policy.overdue:,}",
                day(policy.oldest) if policy.oldest else DASH,
                relative(policy.next_run, now) if policy.next_run else "disabled",
                minute(policy.next_run) if policy.next_run else DASH,
            )
            for policy in policies
        ]
        return print_table(self.stdout, LIMITS, rows)

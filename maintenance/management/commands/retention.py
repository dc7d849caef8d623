from collections.abc import Sequence
from typing import Any

from django.core.management.base import CommandParser

from maintenance.cli.base import MaintenanceCommand
from maintenance.cli.options import add_json_option
from maintenance.cli.refusals import Refusal
from maintenance.cli.tables import DASH, Column, print_table
from maintenance.core.clock import database_now
from maintenance.core.time_text import day, minute, relative
from maintenance.engine.preflight import verify_database
from maintenance.reporting.assumptions import assumed_values
from maintenance.reporting.status import get_retention
from maintenance.reporting.what_if import JobOutlook, what_if
from maintenance.reporting.what_if_words import sentences_of

LIMITS = (
    Column("Job", is_whole=True, only_wide=True),
    Column("Setting", is_whole=True),
    Column("Limit", is_whole=True),
    Column("Past limit", is_number=True),
    Column("Oldest", is_whole=True),
    Column("Next run", is_whole=True),
    Column("Next run (UTC)", is_whole=True, only_wide=True),
)
CHANGES = (
    Column("Setting", is_whole=True),
    Column("Present", is_whole=True),
    Column("Assumed", is_whole=True),
)
DAYS = (
    Column("Comes due until (UTC)", is_whole=True),
    Column("Present", is_number=True),
    Column("Assumed", is_number=True),
)


class Command(MaintenanceCommand):
    help = (
        "Show each age limit, the number of records past it, the oldest record, and the next run. With --what-if, show "
        "what would be due with other limits; nothing is changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_json_option(parser)
        parser.add_argument(
            "--what-if",
            nargs="+",
            action="extend",
            metavar="SETTING=VALUE",
            help="assume another value of an age limit (PUSH_TOKEN_RETENTION_DAYS=60); may be given several times",
        )

    def handle(self, *, json: bool, what_if: Sequence[str] | None, **_options: Any) -> None:
        verify_database()
        if what_if is None:
            return self._show_limits(json=json)
        return self._show_what_if(what_if, json=json)

    def _show_what_if(self, texts: Sequence[str], *, json: bool) -> None:
        answer = what_if(assumed_values(map(_pair, texts)), database_now())
        if json:
            return self.print_json(answer)
        changes = [(change.setting, change.present, change.assumed) for change in answer.settings]
        print_table(self.stdout, CHANGES, changes)
        for job in answer.jobs:
            self._print_job(job)
        if not answer.jobs:
            self.say("No job reads these settings.")
        return None

    def _print_job(self, job: JobOutlook) -> None:
        self.say()
        self.say(job.job)
        for sentence in sentences_of(job):
            self.say(f"  {sentence}")
        days = [(minute(line.until), f"{line.present:,}", f"{line.assumed:,}") for line in job.days or ()]
        print_table(self.stdout, DAYS, days)

    def _show_limits(self, *, json: bool) -> None:
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


def _pair(text: str) -> tuple[str, str]:
    setting, equals, value = text.partition("=")
    if not equals:
        raise Refusal.of_usage("Name a setting and a value: --what-if PUSH_TOKEN_RETENTION_DAYS=60.")
    return setting, value

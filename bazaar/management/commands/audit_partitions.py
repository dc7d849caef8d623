"""`manage.py audit_partitions`: the audit log as a table of months."""

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from bazaar.partitions import adoption, layout, months, reversal
from maintenance.cli.base import MaintenanceCommand
from maintenance.cli.options import add_json_option
from maintenance.cli.refusals import FAILED, Refusal
from maintenance.cli.tables import DASH, Column, print_table
from maintenance.core.database import is_postgresql
from maintenance.core.time_text import day
from maintenance.engine.preflight import verify_database

COLUMNS = (
    Column("Partition", is_whole=True),
    Column("From (UTC)", is_whole=True),
    Column("Until (UTC)", is_whole=True),
    Column("Bytes", is_number=True),
)


class Command(MaintenanceCommand):
    help = (
        "Partition the audit log by month, so that `delete-audit-logs` drops months instead of deleting rows "
        "(PostgreSQL). Exit status: 0 done, 1 refused, 2 wrong usage, 78 something has to be configured."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="status | adopt | extend | revert")
        add_json_option(
            parser,
            actions.add_parser("status", help="show the partitions"),
            actions.add_parser("adopt", help="take the table over as the first partition; no row is written anew"),
            actions.add_parser("extend", help="make the partitions of the next months; runs of the job do the same"),
            actions.add_parser("revert", help="make it a plain table again; nobody can use it meanwhile"),
        )

    def handle(self, *, action: str, **_options: Any) -> None:
        verify_database()
        if action != "status" and not is_postgresql():
            raise Refusal("Only PostgreSQL can partition the audit log.", code="postgresql-only", exit_status=FAILED)
        getattr(self, action)()

    def status(self) -> None:
        self._tell()

    def adopt(self) -> None:
        seconds = adoption.adopt(timezone.now())
        self._tell("" if seconds is None else f"The table was locked for {seconds:.2f} s.")

    def extend(self) -> None:
        present = layout.read()
        made = months.extend(present, timezone.now(), tries=adoption.TRIES) if present.is_partitioned else []
        self._tell(f"New partitions: {', '.join(made)}." if made else "")

    def revert(self) -> None:
        moved = reversal.revert()
        self._tell(f"Rows moved: {moved:,}." if moved else "")

    def _tell(self, sentence: str = "") -> None:
        """Print a sentence, and the partitions as they are now."""
        present = layout.read()
        parts = [*present.partitions, *[layout.Partition(layout.DEFAULT)] * present.has_default]
        sizes = layout.sizes([part.name for part in parts])
        if self.is_json:
            documents = [{"name": p.name, "from": p.start, "until": p.end, "bytes": sizes[p.name]} for p in parts]
            self.print_json({"is_partitioned": present.is_partitioned, "partitions": documents})
            return
        kind = "partitioned by month" if present.is_partitioned else "a plain table"
        self.say(f"The audit log is {kind}. {sentence}".strip())
        if parts:
            print_table(
                self.stdout, COLUMNS, [(p.name, _day(p.start), _day(p.end), f"{sizes[p.name]:,}") for p in parts]
            )


def _day(moment: datetime | None) -> str:
    return day(moment) if moment else DASH

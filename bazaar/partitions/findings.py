"""What the doctor says about the partitions of the audit log."""

from datetime import datetime, timedelta

from django.core.checks import CheckMessage, Warning  # noqa: A004 - the name of Django
from django.db import connection

from bazaar.partitions import layout
from bazaar.partitions.layout import DEFAULT, Layout
from maintenance.core.time_text import day

NOTICE = timedelta(days=14)
"""How long before the last partition ends the doctor says so."""
EXTEND = "Run `manage.py audit_partitions extend`; each run of `delete-audit-logs` does the same."


def findings(now: datetime) -> list[CheckMessage]:
    """Return what is wrong with the partitions at `now`; nothing of a plain table."""
    present = layout.read()
    found = [_unfinished()] if present.is_unfinished else []
    if not present.is_partitioned:
        return found
    if present.end < now + NOTICE:
        found.append(
            Warning(f"The partitions of the audit log end with {day(present.end)}.", hint=EXTEND, id="bazaar.W035")
        )
    if present.has_default and _has_stray_row(present):
        found.append(
            Warning(
                "The default partition of the audit log has rows: their month had no partition when they were written.",
                hint=f"{EXTEND} Rows that stay are dated later than three months from now: correct their `created_at`.",
                id="bazaar.W036",
            )
        )
    return found


def _unfinished() -> CheckMessage:
    return Warning(
        f"An adoption of the audit log's partitions did not end; from a later month on, its constraint {layout.BOUND} "
        "lets no log in.",
        hint="Call `manage.py audit_partitions adopt` again. A run of `delete-audit-logs` removes the constraint.",
        id="bazaar.W037",
    )


def _has_stray_row(present: Layout) -> bool:
    """Return whether the default partition has a row that is not older than all partitions: those are only deleted."""
    start = present.partitions[0].start
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT FROM {DEFAULT} WHERE %s::timestamptz IS NULL OR created_at >= %s)",  # our name # nosec B608
            [start, start],
        )
        return bool(cursor.fetchone()[0])

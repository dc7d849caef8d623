"""What PostgreSQL's catalogue says about the partitions of the audit log."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection
from django.utils import timezone

from bazaar.models import AuditLog

TABLE = AuditLog._meta.db_table
DEFAULT = f"{TABLE}_default"
BOUND = f"{TABLE}_bound"
"""The constraint by which PostgreSQL knows, without reading the table, that all of it is before a moment."""
NEVER = datetime.min.replace(tzinfo=UTC)
_LAYOUT = """
    SELECT log.relkind = 'p', EXISTS (SELECT FROM pg_constraint WHERE conrelid = log.oid AND conname = %s),
           part.relname, pg_get_expr(part.relpartbound, part.oid)
    FROM pg_class log
    LEFT JOIN pg_inherits ON inhparent = log.oid LEFT JOIN pg_class part ON part.oid = inhrelid
    WHERE log.oid = to_regclass(%s)
"""
_BOUNDS = re.compile(r"FROM \((.+)\) TO \((.+)\)")


@dataclass(frozen=True)
class Partition:
    """The logs from `start` up to `end`, which is not in it; `None`: without a limit. The default one has neither."""

    name: str
    start: datetime | None = None
    end: datetime | None = None

    @property
    def is_default(self) -> bool:
        return self.name == DEFAULT


@dataclass(frozen=True)
class Layout:
    """The table as it is; `partitions` are those with a time, in its order.

    `is_unfinished`: a constraint stands on the table that only belongs there while it is adopted.
    """

    is_partitioned: bool
    is_unfinished: bool = False
    partitions: Sequence[Partition] = ()
    has_default: bool = False

    @property
    def end(self) -> datetime:
        """The moment from which no partition is there; the first of all times where there is none."""
        return max((part.end for part in self.partitions if part.end), default=NEVER)


def read() -> Layout:
    """Return the layout of the audit log, by one statement; on SQLite it is a plain table."""
    if connection.vendor != "postgresql":
        return Layout(is_partitioned=False)
    with connection.cursor() as cursor:
        cursor.execute(_LAYOUT, [BOUND, TABLE])
        rows = cursor.fetchall()
    if not rows:  # not migrated
        return Layout(is_partitioned=False)
    parts = [_partition(name, bounds) for _, _, name, bounds in rows if name]
    timed = sorted((part for part in parts if part.end), key=lambda part: part.end or timezone.now())
    return Layout(rows[0][0], rows[0][1], tuple(timed), has_default=len(timed) < len(parts))


def sizes(names: Sequence[str]) -> dict[str, int]:
    """Return how many bytes each table has on the disk, with its indexes."""
    if not names:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, pg_total_relation_size(name::regclass) FROM unnest(%s::text[]) AS name", [list(names)]
        )
        return dict(cursor.fetchall())


def month_of(moment: datetime) -> datetime:
    """Return the beginning of a month (UTC)."""
    return moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def months_after(month: datetime, number: int) -> datetime:
    """Return the beginning of the month that comes so many months later."""
    years, months = divmod(month.month - 1 + number, 12)
    return month.replace(year=month.year + years, month=months + 1)


def _partition(name: str, bounds: str) -> Partition:
    found = _BOUNDS.search(bounds)
    return Partition(name, *map(_moment, found.groups())) if found else Partition(name)


def _moment(text: str) -> datetime | None:
    """Read a bound, such as `'2026-11-01 00:00:00+00'` or `MINVALUE`."""
    return datetime.fromisoformat(text.strip("'")) if text.startswith("'") else None

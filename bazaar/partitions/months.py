"""Partitions for the months to come, made before they begin; rows that the default partition got are moved there."""

from datetime import datetime
from functools import partial

from django.db import connection

from bazaar.partitions import layout
from bazaar.partitions.layout import DEFAULT, TABLE, Layout, month_of, months_after
from bazaar.partitions.locks import execute, patiently
from maintenance.core.errors import MaintenanceError

IN_ADVANCE = 3
"""Months after the present one that have a partition."""
_STORAGE = "SELECT coalesce(array_to_string(reloptions, ', '), '') FROM pg_class WHERE oid = to_regclass(%s)"


class TooManyToMove(MaintenanceError):
    """So many rows have to be moved that somebody should choose the time."""

    def __init__(self) -> None:
        super().__init__("The default partition has many rows: run `manage.py audit_partitions extend`.")


def extend(present: Layout, now: datetime, *, tries: int, most: int | None = None) -> list[str]:
    """Make the partitions of the present month and of those to come, where they are missing; return their names.

    Those who write wait while rows of the default partition are moved; raises `TooManyToMove` where a month has more
    than `most`, and `NoLock`. Each partition is made by a transaction of its own, unless there is one already.
    """
    if not present.has_default:
        patiently(make_default, tries)
    newest = present.partitions[-1].name if present.partitions else DEFAULT
    missing = months_until(present.end if present.partitions else month_of(now), now)
    return [name for month in missing if (name := patiently(partial(_make_missing, month, newest, most), tries))]


def months_until(month: datetime, now: datetime) -> list[datetime]:
    """Return the months from `month` to the last one that has a partition in advance at `now`."""
    months = []
    while month <= months_after(month_of(now), IN_ADVANCE):
        months.append(month)
        month = months_after(month, 1)
    return months


def _make_missing(month: datetime, like: str, most: int | None) -> str | None:
    """Make the partition of a month, unless another process has made it a moment ago."""
    if most is not None:
        with connection.cursor() as cursor:
            period = _period(month)
            cursor.execute(f"SELECT 1 FROM {DEFAULT} WHERE {period} OFFSET %s LIMIT 1", [most])  # our text # nosec B608
            if cursor.fetchone():
                raise TooManyToMove
    execute(f"LOCK TABLE {DEFAULT} IN ACCESS EXCLUSIVE MODE")
    return make(month, like) if layout.read().end <= month else None


def _period(month: datetime) -> str:
    """Return the condition of the logs of a month."""
    return f"created_at >= '{month.isoformat()}' AND created_at < '{months_after(month, 1).isoformat()}'"


def make(month: datetime, like: str) -> str:
    """Make the partition of a month, with the storage parameters of another, and return its name.

    Only the default partition is locked, for a moment, and for as long as it takes to move its rows of that month. They
    are locked before: somebody who waits for a row that is moved would find it gone, and not change it.
    """
    name, end = f"{TABLE}_{month:%Y_%m}", months_after(month, 1)
    with connection.cursor() as cursor:
        cursor.execute(_STORAGE, [like])
        (storage,) = cursor.fetchone()
    # Names and times are the program's own.
    moved = f"DELETE FROM {DEFAULT} WHERE {_period(month)} RETURNING *"  # nosec B608
    execute(
        f"CREATE TABLE {name} (LIKE {TABLE} INCLUDING ALL EXCLUDING IDENTITY, PRIMARY KEY (id))"
        f"{f' WITH ({storage})' if storage else ''}",
        f"WITH moved AS ({moved}) INSERT INTO {name} SELECT * FROM moved",  # nosec B608
        f"ALTER TABLE {TABLE} ATTACH PARTITION {name} FOR VALUES FROM ('{month.isoformat()}') TO ('{end.isoformat()}')",
    )
    return name


def make_default() -> None:
    """Make the partition of all logs that no other one takes."""
    execute(f"CREATE TABLE {DEFAULT} PARTITION OF {TABLE} (PRIMARY KEY (id)) DEFAULT")

"""Traces outside of the rows: what a database server logs, and what stays in the file of a SQLite database.

A statement that fails, for instance at a lock time-out, is written to the log of a PostgreSQL server. Its parameters
are bound on the server, so that no address stands in its text. SQLite overwrites what is deleted (`secure_delete`), and
after each erasure the log of changes goes into the file and is cut off.
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

BUSY_MILLISECONDS = 1_000
"""How long a checkpoint waits for those who read. The next erasure makes up for one that is given up."""


PREPARED_AFTER = 2
"""How often a statement comes before it is prepared."""
MOST_PREPARED = 300
"""Statements that stay prepared. An erasure has about ninety in each mode; by default, psycopg keeps a hundred."""


@contextmanager
def bound_on_the_server(using: str = "default") -> Generator[None]:
    """Send parameters apart from statements while the context lasts (PostgreSQL).

    A statement that comes again is planned once for the connection: an erasure has the same ones for each person.
    """
    connection = connections[using]
    features: Any = connection.features
    if connection.vendor != "postgresql" or features.uses_server_side_binding:
        yield
        return
    from django.db.backends.postgresql.base import ServerBindingCursor

    connection.ensure_connection()
    raw: Any = connection.connection
    factory, threshold = raw.cursor_factory, raw.prepare_threshold
    raw.cursor_factory, raw.prepare_threshold, raw.prepared_max = ServerBindingCursor, PREPARED_AFTER, MOST_PREPARED
    # Django writes some statements in another way where it knows of it.
    features.uses_server_side_binding = True
    try:
        yield
    finally:
        raw.cursor_factory, raw.prepare_threshold = factory, threshold
        features.uses_server_side_binding = False


def overwrite_what_is_deleted(connection: BaseDatabaseWrapper, **_kwargs: Any) -> None:
    """Let SQLite overwrite what is deleted (a receiver of `connection_created`)."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")


def truncate_log_after_commit(using: str = "default") -> None:
    """Move the log of changes into the file and cut it off, after the commit (SQLite)."""
    if connections[using].vendor == "sqlite":

        def truncate() -> None:
            _truncate_log(using)

        # Not a `partial`: Django logs the failure of a robust callback by its name.
        transaction.on_commit(truncate, using=using, robust=True)


def _truncate_log(using: str) -> None:
    with connections[using].cursor() as cursor:
        waits = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        cursor.execute(f"PRAGMA busy_timeout = {waits}")

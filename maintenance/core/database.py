"""The connection of a run: its time limits, its locks and its state."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from django.db import DEFAULT_DB_ALIAS, Error, connection, connections, transaction

from maintenance.conf import settings

LOCK_TIMEOUT = timedelta(seconds=5)


def is_postgresql() -> bool:
    return bool(connection.vendor == "postgresql")


def backend_pid() -> int | None:
    """Return the number of the server's process that serves the connection (PostgreSQL).

    The server itself is asked: what a connection pool told the client at its start is a number of the pool's own.
    """
    if not is_postgresql():
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def is_read_only(using: str = DEFAULT_DB_ALIAS) -> bool:
    """Return whether a database refuses to write: a standby, a setting, or a file that cannot be written."""
    asked = connections[using]
    if asked.vendor == "postgresql":
        with asked.cursor() as cursor:
            cursor.execute("SHOW transaction_read_only")
            return bool(cursor.fetchone()[0] == "on")
    name = str(asked.settings_dict["NAME"])
    return Path(name).is_file() and not os.access(name, os.W_OK)


def is_connected() -> bool:
    """Return whether the connection to the database still answers."""
    return bool(connection.is_usable())


def reconnect_if_lost() -> None:
    """Drop a connection that does not answer any more; the next query opens another one."""
    if not connection.in_atomic_block and not is_connected():
        connection.close()


@contextmanager
def maintenance_limits() -> Iterator[None]:
    """Give the connection a run's time limits while the context lasts (PostgreSQL).

    A process that is stopped during a transaction then keeps its locks for a lease at most, and no statement waits for
    a lock for longer than `LOCK_TIMEOUT`.
    """
    if not is_postgresql():
        yield
        return
    before = _replace_on_connection(_limits())
    try:
        yield
    finally:
        # A connection that is lost has no limits any more.
        if connection.connection is not None and not connection.connection.closed:
            with suppress(Error):
                _set_all(before)


def set_limits() -> None:
    """Give the connection a run's time limits (PostgreSQL)."""
    if is_postgresql():
        _set_all(_limits())


def _limits() -> dict[str, str]:
    return {
        "lock_timeout": milliseconds(LOCK_TIMEOUT),
        "idle_in_transaction_session_timeout": milliseconds(timedelta(seconds=settings.MAINTENANCE_LEASE_SECONDS)),
        "tcp_keepalives_idle": "30",
        "tcp_keepalives_interval": "10",
        "tcp_keepalives_count": "3",
    }


def milliseconds(duration: timedelta) -> str:
    """Return a duration as PostgreSQL reads it."""
    return f"{duration.total_seconds() * 1000:.0f}ms"


def set_on_connection(name: str, value: str) -> None:
    """Set a run-time parameter of the connection."""
    _set_all({name: value})


def _set_all(values: Mapping[str, str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_settings_of(values)}", _flat(values))


def _replace_on_connection(values: Mapping[str, str]) -> dict[str, str]:
    """Set run-time parameters in one statement; return their former values, and the former name of the connection."""
    names = ["application_name", *values]
    former = ", ".join(["current_setting(%s)"] * len(names))
    # The former ones are read before anything is set. The texts are placeholders.
    before = f"WITH former AS MATERIALIZED (SELECT ARRAY[{former}] AS found)"
    sql = f"{before} SELECT found, {_settings_of(values)} FROM former"  # nosec B608
    with connection.cursor() as cursor:
        cursor.execute(sql, [*names, *_flat(values)])
        return dict(zip(names, cursor.fetchone()[0], strict=True))


def _settings_of(values: Mapping[str, str]) -> str:
    return ", ".join(["set_config(%s, %s, false)"] * len(values))


def _flat(values: Mapping[str, str]) -> list[str]:
    return [text for pair in values.items() for text in pair]


def commit_asynchronously() -> None:
    """Commit the current transaction without waiting for the disk (PostgreSQL).

    The transaction is visible to all at once, and survives the end of a client or a server process. A crash of the
    whole server or its machine can lose the transactions of the last second, always the latest ones: see
    `synchronous_commit` in PostgreSQL's documentation.
    """
    if is_postgresql():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit TO OFF")


def advisory_lock(name: str) -> None:
    """Take the lock `name` and hold it until the transaction ends; other processes on all machines wait for it."""
    if is_postgresql():  # SQLite's transactions exclude each other anyway
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [name])


@contextmanager
def read_only() -> Iterator[None]:
    """A transaction in which the database refuses to write, and which is rolled back."""
    with transaction.atomic(durable=True):
        if is_postgresql():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION READ ONLY")
            yield
        else:
            # To the driver itself: Django refuses to execute anything after an error.
            connection.connection.execute("PRAGMA query_only = ON")
            try:
                yield
            finally:
                connection.connection.execute("PRAGMA query_only = OFF")
        transaction.set_rollback(True)


@contextmanager
def statement_limit(limit: timedelta) -> Iterator[None]:
    """Let a statement that takes longer than `limit` raise `OperationalError` (PostgreSQL).

    SQLite has no such limit, and a transaction there would take the only write lock.
    """
    if not is_postgresql():
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [milliseconds(limit)])
        yield

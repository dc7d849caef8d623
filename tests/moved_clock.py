"""One clock for this process and its database, which a test moves; it goes on by itself.

Other connections, such as those of threads, keep the database's own clock.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from django.db import connection

OF_POSTGRESQL = ("clock_timestamp", "statement_timestamp", "transaction_timestamp", "now")
OF_SQLITE = ("strftime", "datetime")


class MovedClock:
    """The clock, at `now`."""

    def __init__(self, traveller: Any) -> None:
        self._traveller = traveller
        self._is_over = False
        self._install()
        self._tell_database()

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    def move(self, by: timedelta) -> None:
        self._traveller.shift(by)
        self._tell_database()

    def stop(self) -> None:
        """Let the database tell the time of the machine again, whatever another test does to this process's."""
        self._is_over = True
        if connection.vendor == "postgresql":
            _set("search_path", "public")  # the rest is undone with the transaction

    def _install(self) -> None:
        """Let functions of the test come before those of the database."""
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("CREATE SCHEMA moved")
                for name in OF_POSTGRESQL:
                    cursor.execute(
                        f"CREATE FUNCTION moved.{name}() RETURNS timestamptz LANGUAGE sql STABLE AS "
                        "$$SELECT pg_catalog.clock_timestamp() + current_setting('moved.by')::interval$$"
                    )
            _set("search_path", "moved, public, pg_catalog")
        else:
            own = sqlite3.connect(":memory:", check_same_thread=False)
            for name in OF_SQLITE:
                connection.connection.create_function(name, -1, self._of_sqlite(own, name), deterministic=True)

    def _of_sqlite(self, own: sqlite3.Connection, name: str) -> Any:
        def call(*values: Any) -> Any:
            moment = (_real_now() if self._is_over else self.now).strftime("%Y-%m-%d %H:%M:%S.%f")
            values = tuple(moment if str(value).lower() == "now" else value for value in values)
            return own.execute(f"SELECT {name}({', '.join('?' * len(values))})", values).fetchone()[0]

        return call

    def _tell_database(self) -> None:
        if connection.vendor == "postgresql":
            seconds = self.now.timestamp() - time_machine.escape_hatch.time.time()
            _set("moved.by", f"{seconds} seconds")


def _real_now() -> datetime:
    """Return the time of the machine, also where another test has moved that of this process."""
    hatch = time_machine.escape_hatch
    return datetime.fromtimestamp(hatch.time.time() if hatch.is_travelling() else time.time(), UTC)


def _set(name: str, value: str) -> None:
    """Set a parameter of PostgreSQL until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [name, value])


@contextmanager
def moved_clock(start: datetime) -> Iterator[MovedClock]:
    """Let it be `start` now. The test has a transaction, which undoes what this does to PostgreSQL."""
    assert connection.in_atomic_block
    with time_machine.travel(start, tick=True) as traveller:
        clock = MovedClock(traveller)
        try:
            yield clock
        finally:
            clock.stop()

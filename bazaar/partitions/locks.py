"""Locks on the whole audit log: had soon, or not at all, so that nobody waits behind somebody who waits."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from django.db import DatabaseError, connection, transaction

from maintenance.core.database import milliseconds
from maintenance.core.errors import MaintenanceError, is_worth_a_second_try

WAIT = timedelta(milliseconds=400)
"""How long a lock is waited for: those who come later wait behind it, and PostgreSQL looks for deadlocks after 1 s."""
PAUSE = 0.6
"""Seconds between two tries."""
T = TypeVar("T")


class NoLock(MaintenanceError):
    """The lock could not be had."""

    def __init__(self) -> None:
        super().__init__(
            "The audit log is in use by a transaction that takes long (a dump, a report, VACUUM): nothing was changed. "
            "Try again when it has ended."
        )


def patiently(act: Callable[[], T], tries: int) -> T:
    """Call `act` in a transaction in which no lock is waited for longer than `WAIT`, again until it has its locks.

    Raises `NoLock` after so many tries. Inside another transaction, that one keeps the time limit it has.
    """
    for number in range(tries):
        if number:
            time.sleep(PAUSE)
        try:
            with transaction.atomic():
                before = _set_limit(milliseconds(WAIT))
                answer = act()
                _set_limit(before)
                return answer
        except DatabaseError as error:
            if not is_worth_a_second_try(error):
                raise
    raise NoLock


def execute(*statements: str) -> None:
    """Execute statements about tables; names in them are the program's own."""
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _set_limit(limit: str) -> str:
    """Set the time limit for locks in this transaction, and return what it was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH former AS MATERIALIZED (SELECT current_setting('lock_timeout') AS value)"
            " SELECT value, set_config('lock_timeout', %s, true) FROM former",
            [limit],
        )
        return str(cursor.fetchone()[0])

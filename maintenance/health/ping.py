"""Does the database answer at all? A thread with a connection of its own asks it.

A server that hangs, or whose machine is gone, sends not even an error, and its client waits. Then the thread waits, and
not the process whose state is asked for.
"""

import threading
from datetime import timedelta

from django.db import connection

ANSWER_WITHIN = timedelta(seconds=7)
"""Longer than a connection may take (`connect_timeout`)."""


class NoAnswer(Exception):
    """The database gave no answer in time."""


class _Ping(threading.Thread):
    def __init__(self) -> None:
        super().__init__(name="ping of the database", daemon=True)
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            select_one()
        except Exception as error:
            self.error = error
        finally:
            connection.close()


_lock = threading.Lock()
_latest: _Ping | None = None


def ping() -> None:
    """Return when the database answers. Raises its error, or `NoAnswer` after `ANSWER_WITHIN`."""
    thread = _thread()
    thread.join(ANSWER_WITHIN.total_seconds())
    if thread.is_alive():
        raise NoAnswer
    if thread.error:
        raise thread.error


def _thread() -> _Ping:
    """Return the latest thread if it still waits, otherwise a new one: at most one thread waits."""
    global _latest  # noqa: PLW0603 - one for the process
    with _lock:
        if _latest is None or not _latest.is_alive():
            _latest = _Ping()
            _latest.start()
        return _latest


def select_one() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")

"""What a test needs to let two connections get in each other's way (PostgreSQL)."""

import threading
import time

from django.db import connection, connections


def in_a_thread(act):
    """Run `act` on a connection of its own; return the thread and the list to which its result, or error, comes."""
    results = []

    def work():
        try:
            results.append(act())
        except Exception as error:
            results.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    return thread, results


HANGS_AFTER = 60
"""Seconds after which a test that hangs fails."""


def wait_until_blocked():
    """Wait until another connection waits for a lock that the transaction of this one holds."""
    deadline = time.monotonic() + HANGS_AFTER
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            # Not pg_stat_activity: within a transaction it shows what was there when it was first asked.
            cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))")
            if cursor.fetchone():
                return
        time.sleep(0.01)
    raise AssertionError("Nobody waits for this transaction.")

"""Does the connection keep its session? A pool in transaction mode gives each transaction to another backend.

A run then has neither its time limits nor its name, and a take-over would terminate somebody else's backend.
"""

from uuid import uuid4

from django.db import Error, connection

from maintenance.core.database import is_postgresql, set_on_connection

PROBE = "maintenance.probe"
"""A run-time parameter of our own, which no pool restores."""
_kept: set[str] = set()
"""The databases whose sessions this process has found to be kept."""


def is_session_kept() -> bool:
    """Return whether a parameter stays with the connection. This takes a second connection, once for each process.

    A pool gives the backend that has become free to whoever asks next: that is the second connection, which then sees
    the parameter. A pool that takes another backend each time does not show it to the first one.
    """
    key = str(sorted(connection.settings_dict.items(), key=str))
    if not is_postgresql() or key in _kept:
        return True
    token = uuid4().hex
    set_on_connection(PROBE, token)
    try:
        is_kept = _seen_by_another() != token and _value() == token
    except Error:
        return False  # in statement mode, there are no transactions either
    if is_kept:
        set_on_connection(PROBE, "")
        _kept.add(key)
    return is_kept


def _seen_by_another() -> str:
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT current_setting(%s, true)", [PROBE])
            value = cursor.fetchone()[0]
            cursor.execute("ROLLBACK")
        return str(value)
    finally:
        other.close()


def _value() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s, true)", [PROBE])
        return str(cursor.fetchone()[0])

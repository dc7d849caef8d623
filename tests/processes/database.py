"""What the database is told, and what it tells, beside the commands."""

from typing import Any

from django.db import connection, models

from maintenance.engine import lease
from maintenance.models import JobRun


def backend(run: JobRun) -> dict[str, Any] | None:
    """Return what PostgreSQL says of the process that serves a run; `None` once it is gone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # a transaction sees one state only
        cursor.execute(
            "SELECT state, wait_event_type FROM pg_stat_activity WHERE pid = %s AND application_name = %s",
            [run.backend_pid, lease.application_name(run)],
        )
        row = cursor.fetchone()
    return {"state": row[0], "waits_for": row[1]} if row else None


class Trigger:
    """Lets the database do something before a row is deleted; `when` is a condition on `OLD`."""

    def __init__(self) -> None:
        self._table = ""

    def create(self, model: type[models.Model], *, when: str, **bodies: str) -> None:
        """Create it on the table of `model`; `bodies` are statements by the kind of database."""
        self._table, body = model._meta.db_table, bodies[connection.vendor]
        on = f"CREATE TRIGGER meddle BEFORE DELETE ON {self._table} FOR EACH ROW WHEN ({when})"
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute(f"{on} BEGIN {body}; END")
            else:
                function = f"BEGIN {body}; RETURN OLD; END"
                cursor.execute(f"CREATE FUNCTION meddle() RETURNS trigger AS $${function}$$ LANGUAGE plpgsql")
                cursor.execute(f"{on} EXECUTE FUNCTION meddle()")

    def drop(self) -> None:
        if not self._table:
            return
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("DROP TRIGGER meddle")
            else:
                cursor.execute(f"DROP TRIGGER meddle ON {self._table}")
                cursor.execute("DROP FUNCTION meddle()")
        self._table = ""

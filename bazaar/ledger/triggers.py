"""Rows of the ledger are added and never changed: triggers in its database refuse it.

A row may be deleted once an entry of the kind `expired` stands for it, which has the digest of the last entry that
goes. They are installed after every `migrate`.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps.registry import Apps, apps as current_apps
from django.db import connections

from bazaar.ledger.choices import Kind
from bazaar.ledger.router import ALIAS

MODELS = {"Entry": "number", "EntryDigest": "entry_id", "EntryCount": "entry_id"}
"""The tables, each with the column that has the number of the entry."""


def install_triggers(using: str = "default", apps: Apps = current_apps, **_kwargs: Any) -> None:
    """Create the triggers in the database `using`, or replace them (a receiver of `post_migrate`)."""
    if using != ALIAS:
        return
    try:
        tables = {apps.get_model(ALIAS, name)._meta.db_table: column for name, column in MODELS.items()}
    except LookupError:  # migrated back to where there was nothing
        return
    entries = apps.get_model(ALIAS, "Entry")._meta.db_table
    statements = _postgresql if connections[using].vendor == "postgresql" else _sqlite
    with connections[using].cursor() as cursor:
        for table, column in tables.items():
            for statement in statements(table, column, entries):
                cursor.execute(statement)


def remove_triggers(using: str = ALIAS) -> None:
    """Drop the triggers, so that all of the ledger can be emptied (`flush`)."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for name in MODELS:
            table = current_apps.get_model(ALIAS, name)._meta.db_table
            for event in ("update", "delete", "truncate"):
                on = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{event}{on}")


def drop_triggers_before_the_past(
    using: str = "default", plan: Sequence[tuple[Any, bool]] = (), **_kwargs: Any
) -> None:
    """Drop the triggers and their functions before migrations are undone (a receiver of `pre_migrate`)."""
    if using != ALIAS or not any(is_backwards for _migration, is_backwards in plan):
        return
    remove_triggers(using)
    if connections[using].vendor == "postgresql":
        with connections[using].cursor() as cursor:
            for name in MODELS:
                table = current_apps.get_model(ALIAS, name)._meta.db_table
                cursor.execute(f"DROP FUNCTION IF EXISTS {table}_append_only()")


def _expired(entries: str, column: str) -> str:
    query = f"SELECT 1 FROM {entries} WHERE kind = '{Kind.EXPIRED}' AND reference >= OLD.{column}"  # nosec B608
    return f"EXISTS ({query})"


def _postgresql(table: str, column: str, entries: str) -> Iterator[str]:
    refuse = f"RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'check_violation', CONSTRAINT = '{table}_only'"
    yield f"""
        CREATE OR REPLACE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' THEN
                IF {_expired(entries, column)} THEN RETURN OLD; END IF;
            END IF;
            {refuse};
        END $$
    """
    for event, level in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        trigger = f"{table}_no_{event.lower()}"
        yield f"DROP TRIGGER IF EXISTS {trigger} ON {table}"
        yield (
            f"CREATE TRIGGER {trigger} BEFORE {event} ON {table} FOR EACH {level} "
            f"EXECUTE FUNCTION {table}_append_only()"
        )


def _sqlite(table: str, column: str, entries: str) -> Iterator[str]:
    refuse = f"SELECT RAISE(ABORT, 'CHECK constraint failed: {table}_only')"
    for event, condition in (("UPDATE", ""), ("DELETE", f"WHEN NOT {_expired(entries, column)}")):
        trigger = f"{table}_no_{event.lower()}"
        yield f"DROP TRIGGER IF EXISTS {trigger}"
        yield f"CREATE TRIGGER {trigger} BEFORE {event} ON {table} {condition} BEGIN {refuse}; END"

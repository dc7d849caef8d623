"""Empty the databases after a test that commits, by what is in them rather than by all tables.

Django empties each table and creates permissions, schedules and triggers anew, which takes longer than most tests. Here
that is done once. What the database then holds is kept, and restored where a test has changed it.
"""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import TransactionTestCase
from django.utils import timezone

from bazaar.account_triggers import permit_deletion
from bazaar.ledger.router import ALIAS
from bazaar.models import User

LARGE = 2**18
"""Bytes: deleting leaves pages behind that later tests would read, so a larger table is truncated."""
FORGETS_STATISTICS = 180_000
"""The first version of PostgreSQL that can forget what it knows of a table, as truncating does."""

Rows = list[tuple[Any, ...]]
_kept: dict[str, dict[str, Rows]] = {}
"""By the name of each database: the rows of all its tables after it was emptied fully."""


def install() -> None:
    """Let tests that commit use `reset` in place of Django's own way."""

    def teardown(case: TransactionTestCase) -> None:
        for alias in case._databases_names(include_mirrors=False):
            reset(connections[alias])

    TransactionTestCase._fixture_teardown = teardown  # type: ignore[attr-defined, method-assign]


def reset(connection: BaseDatabaseWrapper) -> None:
    """Make a database hold what it held when it was new."""
    kept = _kept.get(connection.settings_dict["NAME"])
    tables = _tables(connection)
    if kept is None or {*kept} != {*tables} or not _restore(connection, kept):
        call_command("flush", verbosity=0, interactive=False, database=connection.alias, allow_cascade=False)
        with connection.cursor() as cursor:
            _kept[connection.settings_dict["NAME"]] = {table: _rows(cursor, table) for table in tables}


def _restore(connection: BaseDatabaseWrapper, kept: dict[str, Rows]) -> bool:
    """Restore the rows of the tables that were changed; return whether that could be done."""
    with connection.cursor() as cursor:
        changed = _changed(cursor, kept)
        if not changed:
            return True
        if connection.alias == ALIAS and connection.vendor == "sqlite":
            return False  # its triggers let nothing go, and cannot be switched off
        if connection.vendor == "postgresql" and not _may_delete(connection, cursor, changed):
            return False
    without_checks, together = connection.constraint_checks_disabled(), transaction.atomic(using=connection.alias)
    with without_checks, together, connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
        elif User._meta.db_table in changed:
            permit_deletion(User._base_manager.using(connection.alias).all(), timezone.now())
        for table in changed:
            cursor.execute(f'DELETE FROM "{table}"')
            if connection.vendor == "postgresql":
                cursor.execute("SELECT pg_clear_relation_stats(current_schema(), %s)", [table])
            if rows := kept[table]:
                cursor.executemany(f'INSERT INTO "{table}" VALUES ({", ".join(["%s"] * len(rows[0]))})', rows)
    ContentType.objects.clear_cache()
    return True


def _tables(connection: BaseDatabaseWrapper) -> list[str]:
    return sorted(connection.introspection.django_table_names(only_existing=True, include_views=False))


def _changed(cursor: Any, kept: dict[str, Rows]) -> list[str]:
    """Return the tables that do not hold the rows that were kept."""
    empty = [table for table, rows in kept.items() if not rows]
    cursor.execute(" UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM \"{table}\")" for table in empty))
    filled = [table for (table,) in cursor.fetchall()]
    return filled + [table for table, rows in kept.items() if rows and _rows(cursor, table) != rows]


def _rows(cursor: Any, table: str) -> Rows:
    cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')
    return cursor.fetchall()  # type: ignore[no-any-return]


def _may_delete(connection: Any, cursor: Any, tables: list[str]) -> bool:
    """Return whether deleting does what truncating would: triggers can be switched off, and all tables are small."""
    cursor.execute("SELECT max(pg_relation_size(name::regclass)) FROM unnest(%s::text[]) AS name", [tables])
    [(largest,)] = cursor.fetchall()
    cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    [(is_superuser,)] = cursor.fetchall()
    return bool(is_superuser) and largest <= LARGE and connection.pg_version >= FORGETS_STATISTICS

"""Whether the program is fit to run a job: database, migrations, settings, clocks."""

from django.core import checks
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

from maintenance.clock import refuse_skew
from maintenance.errors import NotReady

TAG = "maintenance"
"""Tag of the system checks that are evaluated before each run."""


def verify() -> None:
    """Raise `NotReady`, with what is wrong and the remedy in one sentence, unless a job can run."""
    verify_database()
    _settings_are_sound()
    refuse_skew()


def verify_database() -> None:
    """Raise `NotReady` unless the database answers and is migrated."""
    _database_answers()
    _database_is_migrated()


def _database_answers() -> None:
    try:
        connection.ensure_connection()
    except Error as error:
        raise NotReady("The database cannot be reached: start it, or correct DATABASE_URL.") from error


def _database_is_migrated() -> None:
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if missing:
        raise NotReady(f"The database is not migrated ({missing} migrations are missing): run `manage.py migrate`.")


def _settings_are_sound() -> None:
    errors = [message for message in checks.run_checks(tags=[TAG]) if message.is_serious()]
    if errors:
        first, more = errors[0], len(errors) - 1
        others = f" ({more} more: run `manage.py check`.)" if more else ""
        raise NotReady(f"{first.msg} {first.hint or ''}".rstrip() + others)

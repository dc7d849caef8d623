"""Checks before each run: database, migrations, settings and clocks."""

from django.core import checks
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

from maintenance.core import holds
from maintenance.core.clock import refuse_skew
from maintenance.core.database import is_read_only
from maintenance.core.errors import NotReady
from maintenance.core.job import Job
from maintenance.core.pooling import is_session_kept

TAG = "maintenance"
"""Tag of the system checks that are evaluated before each run."""
SETTINGS = "maintenance_settings"
"""Tag of the checks on settings, which are also evaluated before each command."""


def verify() -> None:
    """Raise `NotReady`, with the problem and the remedy in one sentence, unless a job can run."""
    verify_database()
    verify_session()
    verify_writable()
    _settings_are_sound()
    refuse_skew()


def verify_job(job: Job) -> None:
    """Raise `NotReady` where a job, and no other, cannot run now."""
    for message in job.findings():
        if message.is_serious():
            raise NotReady(_sentence(message))
    holds.require_known(job)


def verify_database() -> None:
    """Raise `NotReady` unless the database answers and is migrated."""
    verify_connection()
    verify_migrated()


def verify_session() -> None:
    """Raise `NotReady` where a connection pool does not keep the session of a connection."""
    if not is_session_kept():
        raise NotReady(
            "The connection pool gives each transaction another session of the database, and runs need one that stays: "
            "let the pool work in session mode (PgBouncer: pool_mode = session), or connect without it."
        )


def verify_writable() -> None:
    """Raise `NotReady` where the database cannot be written."""
    if is_read_only():
        raise NotReady("The database is read-only: connect to the primary server, or make it writable.")


def faults_of_settings() -> list[str]:
    """Return the faults of the settings, one line each, with the remedy."""
    return [_sentence(message) for message in checks.run_checks(tags=[SETTINGS]) if message.is_serious()]


def _sentence(message: checks.CheckMessage) -> str:
    if not message.hint:
        return message.msg
    return f"{message.msg.rstrip('.')}: {message.hint[0].lower()}{message.hint[1:]}"


def verify_connection() -> None:
    """Raise `NotReady` unless the database answers."""
    try:
        connection.ensure_connection()
    except Error as error:
        raise NotReady("The database cannot be reached: start it, or correct DATABASE_URL.") from error


def verify_migrated() -> None:
    """Raise `NotReady` where migrations of this version have not been applied."""
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if missing:
        raise NotReady(f"The database is not migrated ({missing} migrations are missing): run `manage.py migrate`.")


def _settings_are_sound() -> None:
    errors = [message for message in checks.run_checks(tags=[TAG]) if message.is_serious()]
    if errors:
        first, more = errors[0], len(errors) - 1
        others = f" ({more} more: run `manage.py check`.)" if more else ""
        raise NotReady(f"{_sentence(first)}{others}")

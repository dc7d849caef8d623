"""Checks before each run: database, migrations, settings and clocks."""

import sys

from django.core import checks
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

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
    verify_connection()
    verify_version()
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
    _require_all(MigrationExecutor(connection))


def verify_not_newer() -> None:
    """Raise `NotReady` where a later version has migrated the database."""
    _require_none_later(MigrationLoader(connection))


def verify_version() -> None:
    """Raise `NotReady` unless the database has the version of this process: all of its migrations, and no later ones.

    An older version does not know which personal data a later one has added, and would call an erasure complete.
    """
    executor = MigrationExecutor(connection)
    _require_all(executor)
    _require_none_later(executor.loader)


def _require_all(executor: MigrationExecutor) -> None:
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if missing:
        raise NotReady(f"The database is not migrated ({missing} migrations are missing): run `manage.py migrate`.")


def _require_none_later(loader: MigrationLoader) -> None:
    """Refuse migrations that are unknown here, and were applied after all that this version has of the same app.

    One that was applied before them is a former one, which a squashed migration has replaced. A squashed migration
    itself has no number of a row.
    """
    later: list[str] = []
    applied = sorted(loader.applied_migrations.items(), key=lambda entry: getattr(entry[1], "id", sys.maxsize))
    for (app, name), _row in applied:
        if (app, name) in loader.disk_migrations:
            later = [other for other in later if other != app]
        elif app in loader.migrated_apps:
            later.append(app)
    if later:
        raise NotReady(
            f"The database is newer than this version ({len(later)} migrations are unknown to it): install the version "
            "that has migrated it, or undo them with that version."
        )


def _settings_are_sound() -> None:
    errors = [message for message in checks.run_checks(tags=[TAG]) if message.is_serious()]
    if errors:
        first, more = errors[0], len(errors) - 1
        others = f" ({more} more: run `manage.py check`.)" if more else ""
        raise NotReady(f"{_sentence(first)}{others}")

"""Rules that hold for everybody who writes to the database, Django or not, as triggers.

They are installed after every `migrate`, because SQLite drops a table's triggers when Django rebuilds it.

- An upload that is marked for removal (`Upload.condemned_at`) cannot become an avatar or the image of a project. On
  PostgreSQL the trigger takes a share lock on the upload: the weaker lock of the foreign key would not exclude the
  statement that marks it.
- What becomes an avatar or a project's image is in use (`Upload.in_use`); what is no longer one may be unused, and
  `cleanup-orphaned-files` looks for references. A marker that says "in use" of an unused upload would keep its file for
  ever. So what detaches an upload takes the marker back, and each `migrate` takes back what is wrong nevertheless.
- The rules about accounts are in `bazaar.account_triggers`.
- An audit log that is changed has to be examined again (`AuditLog.cleaned_version`). Columns that merely become null
  leave the marker alone: nothing personal comes in that way.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from django.apps.registry import Apps, apps as current_apps
from django.db import connections
from django.db.models import Model

from bazaar import account_triggers
from bazaar.ledger.router import ALIAS

MODELS = ("User", "UserFormerEmail", "DeletionRequest", "Project", "Upload", "AuditLog", "Session", "RefreshToken")
CREDENTIALS = ("Session", "RefreshToken")
REFERENCES = (("User", "avatar"), ("Project", "image"))
EXAMINED = ("user", "subject", "action", "resource_type", "resource_id", "ip_address", "user_agent", "metadata")


def install_triggers(using: str = "default", apps: Apps = current_apps, **_kwargs: Any) -> None:
    """Create the triggers in the database `using`, or replace them (a receiver of `post_migrate`)."""
    if using == ALIAS:
        return
    try:
        models = {name: apps.get_model("bazaar", name) for name in MODELS}
    except LookupError:  # migrated back to where there was nothing
        return
    connection = connections[using]
    is_postgresql = connection.vendor == "postgresql"
    statements = _postgresql(models) if is_postgresql else _sqlite(models)
    rules = account_triggers.postgresql if is_postgresql else account_triggers.sqlite
    with connection.cursor() as cursor:
        credentials = [models[name] for name in CREDENTIALS]
        accounts = (models["User"], models["UserFormerEmail"], models["DeletionRequest"])
        for statement in chain(statements, rules(*accounts, credentials)):
            cursor.execute(statement)


def drop_triggers_in_the_way(using: str = "default", plan: Sequence[tuple[Any, bool]] = (), **_kwargs: Any) -> None:
    """Drop the triggers before migrations are undone, on SQLite before any (a receiver of `pre_migrate`).

    They stop tables from going. SQLite refuses to rename a table while a trigger names one that is not there, and
    Django rebuilds tables under another name. On PostgreSQL the site may be writing meanwhile, so there they stay.
    """
    connection = connections[using]
    is_backwards = any(backwards for _migration, backwards in plan)
    if not plan or (connection.vendor == "postgresql" and not is_backwards):
        return
    tables = [current_apps.get_model("bazaar", name)._meta.db_table for name in MODELS]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_INSTALLED, [tables])
            installed = cursor.fetchall()
            for trigger, table, _function in installed:
                cursor.execute(f"DROP TRIGGER {trigger} ON {table}")
            for function in sorted({function for _trigger, _table, function in installed}):
                cursor.execute(f"DROP FUNCTION {function}() CASCADE")  # it may serve other tables too
            return
        cursor.execute("SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'")
        for trigger, table in cursor.fetchall():
            if table in tables:
                cursor.execute(f"DROP TRIGGER {trigger}")


_INSTALLED = """
    SELECT tgname, relname, proname FROM pg_trigger
    JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_proc ON pg_proc.oid = tgfoid
    WHERE NOT tgisinternal AND relname = ANY(%s) ORDER BY tgname
"""


def _column(model: type[Model], field: str) -> str:
    return str(model._meta.get_field(field).column)  # type: ignore[union-attr]


def _postgresql(models: dict[str, type[Model]]) -> Iterator[str]:
    yield from _no_removed_upload(models)
    yield from _in_use_postgresql(models)
    yield from _correct_markers(models)
    yield from _examine_again(models["AuditLog"])


def _no_removed_upload(models: dict[str, type[Model]]) -> Iterator[str]:
    upload = models["Upload"]._meta.db_table
    for name, field in REFERENCES:
        table, column = models[name]._meta.db_table, _column(models[name], field)
        trigger = f"{table}_{field}_not_condemned"
        yield f"""
            CREATE OR REPLACE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE condemned timestamptz;
            BEGIN
                {_lock_to_mark(models["Upload"], f"NEW.{column}")}
                SELECT condemned_at INTO condemned FROM {upload} WHERE id = NEW.{column} FOR SHARE;
                IF condemned IS NOT NULL THEN
                    RAISE EXCEPTION 'upload % is marked for removal', NEW.{column}
                        USING ERRCODE = 'check_violation', CONSTRAINT = '{trigger}';
                END IF;
                RETURN NEW;
            END $$
        """  # names of tables and columns are the models' # nosec B608
        for event, condition in (
            ("INSERT", f"NEW.{column} IS NOT NULL"),
            ("UPDATE", f"NEW.{column} IS NOT NULL AND NEW.{column} IS DISTINCT FROM OLD.{column}"),
        ):
            yield f"DROP TRIGGER IF EXISTS {trigger}_{event.lower()} ON {table}"
            yield f"""
                CREATE TRIGGER {trigger}_{event.lower()} BEFORE {event} ON {table}
                FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION {trigger}()
            """


def _lock_to_mark(upload: type[Model], key: str) -> str:
    """Lock an upload that will be marked as in use: two who had the share lock would wait for each other then."""
    if not _has_marker(upload):
        return ""
    return f"PERFORM 1 FROM {upload._meta.db_table} WHERE id = {key} AND NOT in_use FOR NO KEY UPDATE;"  # nosec B608


def _has_marker(upload: type[Model]) -> bool:
    """Return whether uploads are migrated to where they have the marker."""
    return any(field.name == "in_use" for field in upload._meta.fields)


def _in_use(models: dict[str, type[Model]], differs: str) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield for each event name, table, event, condition and statements of the trigger that keeps the marker."""
    upload = models["Upload"]._meta.db_table
    for name, field in REFERENCES if _has_marker(models["Upload"]) else ():
        table, column = models[name]._meta.db_table, _column(models[name], field)
        attach = f"UPDATE {upload} SET in_use = TRUE WHERE id = NEW.{column} AND NOT in_use;"  # nosec B608
        detach = f"UPDATE {upload} SET in_use = FALSE WHERE id = OLD.{column};"  # nosec B608
        for event, condition, statements in (
            ("INSERT", f"NEW.{column} IS NOT NULL", attach),
            ("UPDATE", f"NEW.{column} {differs} OLD.{column}", f"{detach} {attach}"),
            ("DELETE", f"OLD.{column} IS NOT NULL", detach),
        ):
            yield f"{table}_{field}_in_use_{event.lower()}", table, event, condition, statements


def _in_use_postgresql(models: dict[str, type[Model]]) -> Iterator[str]:
    for trigger, table, event, condition, statements in _in_use(models, "IS DISTINCT FROM"):
        yield f"""
            CREATE OR REPLACE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN {statements} RETURN NULL; END $$
        """
        yield f"DROP TRIGGER IF EXISTS {trigger} ON {table}"
        yield f"""
            CREATE TRIGGER {trigger} AFTER {event} ON {table} FOR EACH ROW WHEN ({condition})
            EXECUTE FUNCTION {trigger}()
        """


def _in_use_sqlite(models: dict[str, type[Model]]) -> Iterator[str]:
    for trigger, table, event, condition, statements in _in_use(models, "IS NOT"):
        yield f"DROP TRIGGER IF EXISTS {trigger}"
        yield f"CREATE TRIGGER {trigger} AFTER {event} ON {table} WHEN {condition} BEGIN {statements} END"


def _correct_markers(models: dict[str, type[Model]]) -> Iterator[str]:
    """Take the marker back from what nothing refers to: somebody may have detached it while there was no trigger."""
    if not _has_marker(models["Upload"]):
        return
    upload = models["Upload"]._meta.db_table
    unused = " AND ".join(
        f"NOT EXISTS (SELECT 1 FROM {models[name]._meta.db_table} "  # nosec B608
        f"WHERE {_column(models[name], field)} = {upload}.id)"
        for name, field in REFERENCES
    )
    yield f"UPDATE {upload} SET in_use = FALSE WHERE in_use AND {unused}"  # nosec B608


def _examine_again(log: type[Model]) -> Iterator[str]:
    table = log._meta.db_table
    trigger = f"{table}_examine_again"
    changed = " OR ".join(
        f"(NEW.{column} IS NOT NULL AND NEW.{column} IS DISTINCT FROM OLD.{column})"
        for column in (_column(log, field) for field in EXAMINED)
    )
    yield f"""
        CREATE OR REPLACE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.cleaned_version := 0;
            RETURN NEW;
        END $$
    """
    yield f"DROP TRIGGER IF EXISTS {trigger} ON {table}"
    yield f"""
        CREATE TRIGGER {trigger} BEFORE UPDATE ON {table} FOR EACH ROW
        WHEN (NEW.cleaned_version = OLD.cleaned_version AND NEW.cleaned_version > 0 AND ({changed}))
        EXECUTE FUNCTION {trigger}()
    """


def _sqlite(models: dict[str, type[Model]]) -> Iterator[str]:
    upload = models["Upload"]._meta.db_table
    for name, field in REFERENCES:
        table, column = models[name]._meta.db_table, _column(models[name], field)
        for event, unchanged in (("INSERT", ""), ("UPDATE", f"AND NEW.{column} IS NOT OLD.{column}")):
            trigger = f"{table}_{field}_not_condemned_{event.lower()}"
            yield f"DROP TRIGGER IF EXISTS {trigger}"
            yield f"""
                CREATE TRIGGER {trigger} BEFORE {event} ON {table} WHEN NEW.{column} IS NOT NULL {unchanged} AND EXISTS
                    (SELECT 1 FROM {upload} WHERE id = NEW.{column} AND condemned_at IS NOT NULL)
                BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: {trigger}'); END
            """  # names of tables and columns are the models' # nosec B608
    yield from _in_use_sqlite(models)
    yield from _correct_markers(models)
    table = models["AuditLog"]._meta.db_table
    trigger = f"{table}_examine_again"
    columns = [_column(models["AuditLog"], field) for field in EXAMINED]
    changed = " OR ".join(f"(NEW.{c} IS NOT NULL AND NEW.{c} IS NOT OLD.{c})" for c in columns)
    yield f"DROP TRIGGER IF EXISTS {trigger}"
    yield f"""
        CREATE TRIGGER {trigger} AFTER UPDATE OF {", ".join(columns)} ON {table}
        WHEN NEW.cleaned_version = OLD.cleaned_version AND NEW.cleaned_version > 0 AND ({changed})
        BEGIN UPDATE {table} SET cleaned_version = 0 WHERE id = NEW.id; END
    """  # names of tables and columns are the models' # nosec B608

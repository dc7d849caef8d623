"""Six rules about accounts that hold for everybody who writes to the database, Django or not, as triggers.

- A change of address is remembered (`UserFormerEmail`), with the time from when until when the account had it.
- A user is deleted by an erasure only, which sets `deleted_at` just before; see `permit_deletion`.
- Sessions and refresh tokens end when an account is deactivated or activated, so that old ones stay dead.
- A deleted account stays deleted: nothing inserts it again, for instance a `save()` of a copy that was read before.
- An anonymised account stays anonymised: nothing personal comes back into it, for instance by a `save()` of a copy that
  was read before.
- The moment at which an account stopped to be of staff is kept (`staff_until`), and nothing else writes it. Otherwise
  one person could take away the rights of a colleague first, and then do alone what needs two persons.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Model, QuerySet

from bazaar.fields import PLACEHOLDER_DOMAIN, PLACEHOLDER_NAME

EMPTY_IN_ANONYMISED = {
    "name": "'[Deleted User]'",
    "bio": "''",
    "avatar": "NULL",
    "invited_by": "NULL",
    "is_active": "FALSE",
    "is_staff": "FALSE",
    "is_superuser": "FALSE",
    "is_external": "FALSE",
    "include_in_search": "FALSE",
    "show_email_on_profile": "FALSE",
    "show_activity_publicly": "FALSE",
    "deletion_requested_at": "NULL",
    "staff_until": "NULL",
}
"""What the columns of an anonymised account hold, in SQL. A test compares it with the inventory.

The time of a log-in is left to the recheck: the log-in writes it in the middle of a request.
"""


def permit_deletion(users: "QuerySet[Any]", now: Any) -> None:
    """Let the database delete `users`, inside the caller's transaction, which deletes them next."""
    users.update(deleted_at=now)


def postgresql(
    user: type[Model], former: type[Model], request: type[Model], credentials: Sequence[type[Model]]
) -> Iterator[str]:
    """Yield the statements that create the triggers on PostgreSQL, or replace them."""
    table, addresses = user._meta.db_table, former._meta.db_table
    was_erased = _was_erased(request, "evidence->>'public_id' = NEW.public_id::text")
    for name, body in (
        ("remember_address", _remember(addresses, "clock_timestamp()")),
        ("ends_sessions", f"{_end(credentials)}; RETURN NULL;"),
        ("only_by_erasure", f"{_raise(f'{table}_only_by_erasure')}; RETURN OLD;"),
        ("stays_deleted", f"IF {was_erased} THEN {_raise(f'{table}_stays_deleted')}; END IF; RETURN NEW;"),
        ("stays_anonymised", f"{_raise(f'{table}_stays_anonymised')}; RETURN NEW;"),
        ("was_staff", f"NEW.staff_until := {_staff_until('clock_timestamp()')}; RETURN NEW;"),
    ):
        if name == "was_staff" and not _has_staff_until(user):
            continue
        yield f"""
            CREATE OR REPLACE FUNCTION {table}_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN {body} END $$
        """
    yield from _create(table, "remember_address", "AFTER UPDATE OF email", _changes_address("IS DISTINCT FROM"))
    yield from _create(table, "ends_sessions", "AFTER UPDATE OF is_active", "NEW.is_active <> OLD.is_active")
    yield from _create(table, "only_by_erasure", "BEFORE DELETE", "OLD.deleted_at IS NULL")
    yield from _create(table, "stays_deleted", "BEFORE INSERT", "TRUE")
    yield from _create(table, "stays_anonymised", "BEFORE UPDATE", _comes_back(user, "IS DISTINCT FROM"))
    if _has_staff_until(user):
        yield from _create(table, "was_staff", "BEFORE UPDATE", _concerns_staff("IS DISTINCT FROM"))


def sqlite(
    user: type[Model], former: type[Model], request: type[Model], credentials: Sequence[type[Model]]
) -> Iterator[str]:
    """Yield the same for SQLite."""
    table, addresses = user._meta.db_table, former._meta.db_table
    # SQLite's clock has milliseconds. They are rounded up, so that no row made before is later than the change.
    remember = _insert(addresses, "strftime('%Y-%m-%d %H:%M:%f', 'now') || '999'")
    was_erased = _was_erased(request, "replace(json_extract(evidence, '$.public_id'), '-', '') = NEW.public_id")
    until = _staff_until("strftime('%Y-%m-%d %H:%M:%f', 'now')")
    was_staff = f"UPDATE {table} SET staff_until = {until} WHERE id = NEW.id"  # the models' names # nosec B608
    for name, event, condition, body in (
        ("remember_address", "AFTER UPDATE OF email", _changes_address("IS NOT"), remember),
        ("ends_sessions", "AFTER UPDATE OF is_active", "NEW.is_active <> OLD.is_active", _end(credentials)),
        ("only_by_erasure", "BEFORE DELETE", "OLD.deleted_at IS NULL", _abort(f"{table}_only_by_erasure")),
        ("stays_deleted", "BEFORE INSERT", was_erased, _abort(f"{table}_stays_deleted")),
        ("stays_anonymised", "BEFORE UPDATE", _comes_back(user, "IS NOT"), _abort(f"{table}_stays_anonymised")),
        *([("was_staff", "AFTER UPDATE", _concerns_staff("IS NOT"), was_staff)] if _has_staff_until(user) else []),
    ):
        yield f"DROP TRIGGER IF EXISTS {table}_{name}"
        yield f"CREATE TRIGGER {table}_{name} {event} ON {table} WHEN {condition} BEGIN {body}; END"


def _end(credentials: Sequence[type[Model]]) -> str:
    tables = [model._meta.db_table for model in credentials]
    return "; ".join(f"DELETE FROM {table} WHERE user_id = NEW.id" for table in tables)  # the models' names # nosec B608


def _create(table: str, name: str, event: str, condition: str) -> Iterator[str]:
    yield f"DROP TRIGGER IF EXISTS {table}_{name} ON {table}"
    yield f"""
        CREATE TRIGGER {table}_{name} {event} ON {table}
        FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION {table}_{name}()
    """


def _changes_address(differs: str) -> str:
    """An erasure, which sets `anonymized_at`, leaves no former address."""
    return f"NEW.email {differs} OLD.email AND NEW.anonymized_at IS NULL AND OLD.email <> ''"


def _insert(addresses: str, now: str) -> str:
    """An address that the account had before has one row, as long as nobody else has had it."""
    own = "user_id = OLD.id AND email = OLD.email"
    others = f"EXISTS (SELECT 1 FROM {addresses} WHERE email = OLD.email AND user_id <> OLD.id)"  # nosec B608
    return f"""
        UPDATE {addresses} SET held_until = {now} WHERE {own} AND NOT {others};
        INSERT INTO {addresses} (user_id, email, held_from, held_until, created_at)
        SELECT OLD.id, OLD.email,
               COALESCE((SELECT MAX(held_until) FROM {addresses} WHERE user_id = OLD.id), OLD.created_at),
               {now}, {now}
        WHERE {others} OR NOT EXISTS (SELECT 1 FROM {addresses} WHERE {own})
    """  # names of tables and columns are the models' # nosec B608


def _remember(addresses: str, now: str) -> str:
    return f"{_insert(addresses, now)}; RETURN NULL;"


def _was_erased(request: type[Model], is_the_same: str) -> str:
    """Whether the account that is inserted is one whose deletion was carried out; another may have the same id."""
    ended = "status IN ('completed', 'unproven')"
    return f"EXISTS (SELECT 1 FROM {request._meta.db_table} WHERE user_pk = NEW.id AND {ended} AND {is_the_same})"  # nosec B608


_LOSES_RIGHTS = "((OLD.is_staff OR OLD.is_superuser) AND NOT (NEW.is_staff OR NEW.is_superuser))"


def _has_staff_until(user: type[Model]) -> bool:
    """Return whether users are migrated to where they have the column."""
    return any(field.name == "staff_until" for field in user._meta.fields)


def _concerns_staff(differs: str) -> str:
    """Whether an account stops to be of staff, or somebody writes the moment at which it did; an erasure may."""
    return f"NEW.anonymized_at IS NULL AND ({_LOSES_RIGHTS} OR NEW.staff_until {differs} OLD.staff_until)"


def _staff_until(now: str) -> str:
    return f"CASE WHEN {_LOSES_RIGHTS} THEN {now} ELSE OLD.staff_until END"


def _comes_back(user: type[Model], differs: str) -> str:
    """Whether an anonymised account would get a personal value that it does not have."""
    fields = {field.name: str(field.column) for field in user._meta.fields}
    columns = {fields[name]: empty for name, empty in EMPTY_IN_ANONYMISED.items() if name in fields}
    changes = [f"(NEW.{c} {differs} OLD.{c} AND NEW.{c} {differs} {empty})" for c, empty in columns.items()]
    placeholder = f"'{PLACEHOLDER_NAME}' || CAST(NEW.id AS text) || '{PLACEHOLDER_DOMAIN}'"
    changes.append(f"(NEW.email {differs} OLD.email AND NEW.email <> {placeholder})")  # nor that of another account
    changes.append(f"(NEW.password {differs} OLD.password AND NEW.password NOT LIKE '!%')")
    return f"OLD.anonymized_at IS NOT NULL AND (NEW.anonymized_at IS NULL OR {' OR '.join(changes)})"


def _raise(name: str) -> str:
    return f"RAISE EXCEPTION '%', '{name}' USING ERRCODE = 'check_violation', CONSTRAINT = '{name}'"


def _abort(name: str) -> str:
    return f"SELECT RAISE(ABORT, 'CHECK constraint failed: {name}')"

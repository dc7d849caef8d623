"""Marks of rows that changed after they were searched, although their time is old: triggers write them.

An erasure reads the rows that are newer than the search. Time and key of a row tell most of them. Marked is a row that
changes, has an old time then, and may hold an address. A new search deletes the marks that it finds, unless another
search needs them: it reads those rows itself.

An audit log that the cleaner has just examined is not marked: each log of a night would be. Nor is a session: its key
lets somebody in, and is not copied; the end of its validity tells when it was written.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps.registry import Apps, apps as current_apps
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from bazaar.erasure.actions import NEEDED
from bazaar.erasure.scope import Mode
from bazaar.erasure.searches import CLOCKS_DIFFER_BY, searched_steps
from bazaar.ledger.router import ALIAS
from bazaar.models import AuditLog, Session
from bazaar.redaction.addresses import CANDIDATE

_FUNCTION = "searches_mark_changed"
_MARK = f"""
    CREATE OR REPLACE FUNCTION {_FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO searches_changedrow (model, row) VALUES (TG_ARGV[0], to_jsonb(NEW) ->> TG_ARGV[1]);
        RETURN NULL;
    END $$
"""  # nosec B608
_AGO = f"{CLOCKS_DIFFER_BY.total_seconds() / 2:.0f} seconds"
"""Half of what a search looks back, so that what is not marked here is new for each search."""


def install_triggers(
    using: str = "default", apps: Apps = current_apps, plan: Sequence[tuple[Any, bool]] = (), **_kwargs: Any
) -> None:
    """Create the triggers in the database `using`, or replace them (a receiver of `post_migrate`)."""
    if using == ALIAS:
        return
    try:
        apps.get_model("searches", "ChangedRow")
    except LookupError:  # migrated back to where there was nothing
        return
    connection = connections[using]
    with connection.cursor() as cursor:
        for statement in _statements(connection, apps):
            cursor.execute(statement)
    if plan:  # meanwhile nothing was marked
        apps.get_model("searches", "ErasureSearch")._base_manager.using(using).all().delete()


def drop_triggers(using: str = "default", plan: Sequence[tuple[Any, bool]] = (), **_kwargs: Any) -> None:
    """Drop the triggers, so that migrations can change columns and rebuild tables (a receiver of `pre_migrate`)."""
    if using == ALIAS or not plan:
        return
    connection = connections[using]
    is_postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        for model in _watched():
            place = f" ON {model._meta.db_table}" if is_postgresql else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {_name(model)}{place}")
        if is_postgresql:
            cursor.execute(f"DROP FUNCTION IF EXISTS {_FUNCTION}() CASCADE")


def _watched() -> dict[type[Model], tuple[str, dict[str, bool]]]:
    """Return each model that is searched: the field with its time, and its texts, with whether they are packed."""
    found: dict[type[Model], tuple[str, dict[str, bool]]] = {}
    for step in searched_steps():
        if step.search and step.search.changed and step.model is not Session:
            _, texts = found.setdefault(step.model, (step.search.changed, {}))
            for mode in Mode:
                texts |= dict.fromkeys(step.texts(mode), False) | dict.fromkeys(step.searches_pickles(mode), True)
    return found


def _statements(connection: BaseDatabaseWrapper, apps: Apps) -> Iterator[str]:
    is_postgresql = connection.vendor == "postgresql"
    if is_postgresql:
        yield _MARK
    for model, (time, texts) in _watched().items():
        columns = _columns(apps, model)
        present = {columns[name]: is_packed for name, is_packed in texts.items() if name in columns}
        if present and time in columns:
            unexamined = "NEW.cleaned_version IN (0, OLD.cleaned_version) AND " if model is AuditLog else ""
            yield from _create(is_postgresql, model, f"{unexamined}{_Condition(columns[time], present, is_postgresql)}")


def _columns(apps: Apps, model: type[Model]) -> dict[str, str]:
    """Return the columns of a model by field, as far as the database is migrated."""
    try:
        return {field.name: field.column for field in apps.get_model(model._meta.label)._meta.concrete_fields}
    except LookupError:
        return {}


@dataclass(frozen=True)
class _Condition:
    """When a row is marked: its time is old, and a text that it did not have at that time may hold an address."""

    time: str
    texts: Mapping[str, bool]
    is_postgresql: bool

    def __str__(self) -> str:
        ago = f"datetime('now', '-{_AGO}')"
        if self.is_postgresql:
            ago = f"clock_timestamp() - interval '{_AGO}'"
        texts = " OR ".join(
            f"({self._differs(text)} OR {self._differs(self.time)}) AND {self._may_hold(text)}" for text in self.texts
        )
        return f'(NEW."{self.time}" >= {ago}) IS NOT TRUE AND ({texts})'

    def _differs(self, column: str) -> str:
        return f'NEW."{column}" {"IS DISTINCT FROM" if self.is_postgresql else "IS NOT"} OLD."{column}"'

    def _may_hold(self, column: str) -> str:
        """Return whether an address may stand in a text. SQLite has no regular expressions, and marks more."""
        if self.texts[column]:  # what is packed, the database cannot judge
            return "TRUE"
        if self.is_postgresql:
            return f"""NEW."{column}"::text ~ '{NEEDED}' AND NEW."{column}"::text ~* '{CANDIDATE}'"""
        other = "'*[^' || char(1) || '-' || char(127) || ']*'"
        return rf"""(NEW."{column}" GLOB '*[@%&=\]*' OR NEW."{column}" GLOB {other})"""


def _create(is_postgresql: bool, model: type[Model], condition: str) -> Iterator[str]:
    table, key, name = model._meta.db_table, model._meta.pk.column, _name(model)
    if is_postgresql:
        trigger = f"CREATE OR REPLACE TRIGGER {name} AFTER UPDATE ON {table} FOR EACH ROW"
        yield f"{trigger} WHEN ({condition}) EXECUTE FUNCTION {_FUNCTION}('{model._meta.label}', '{key}')"
        return
    # Names of tables and columns are the models'.
    mark = f"INSERT INTO searches_changedrow (model, row) VALUES ('{model._meta.label}', CAST(NEW.{key} AS text));"  # nosec B608
    yield f"DROP TRIGGER IF EXISTS {name}"
    yield f"CREATE TRIGGER {name} AFTER UPDATE ON {table} WHEN {condition} BEGIN {mark} END"


def _name(model: type[Model]) -> str:
    return f"{model._meta.db_table}_mark_changed"

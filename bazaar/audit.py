"""Anonymise audit logs: the entry keeps the event and names no person.

- `user`, `subject`, `ip_address` and `user_agent` become null; a `subject` tells whom the entry is about.
- `resource_id` becomes null where the resource is a person, in any spelling of the type (`bazaar.redaction.columns`).
- Addresses are removed from `action` and `resource_id`.
- Personal data is removed from `metadata` (`bazaar.redaction`), or everything that is not on the allow-list
  (`AUDIT_METADATA`).

`cleaned_version` marks an examined log. A log without personal data gets the marker only, and is not examined again
until it changes (`bazaar.triggers`), or the rule changes (`bazaar.redaction.rule`).
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connections
from django.db.models import BooleanField, CharField, ExpressionWrapper, Field, JSONField, Q, QuerySet, TextField, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast

from bazaar.models import AuditLog
from bazaar.redaction import policy, rule
from bazaar.redaction.columns import clean_action, clean_column, is_person_type
from maintenance.core.array_lookup import array_of, in_array

Columns = Mapping[str, str | None]
"""Columns beside the metadata that change, with their new values."""


@dataclass(frozen=True)
class Examined:
    """Primary keys of logs by their content: `documents` are those whose metadata changes, with the new metadata.

    `others` are the columns `action`, `resource_type` and `resource_id` where these change. `versions` holds the
    version of each examined row.
    """

    documents: Mapping[int, str] = field(default_factory=dict)
    columns: Sequence[int] = ()
    clean: Sequence[int] = ()
    versions: Mapping[int, str] = field(default_factory=dict)
    others: Mapping[int, Columns] = field(default_factory=dict)

    @property
    def changed(self) -> int:
        return len(self.documents) + len(self.columns)

    @property
    def personal(self) -> list[int]:
        """The primary keys of the logs with personal data, in order."""
        return sorted([*self.documents, *self.columns])

    def only(self, keys: Collection[int]) -> "Examined":
        """Return the examination results of the logs `keys`."""
        return Examined(
            {pk: document for pk, document in self.documents.items() if pk in keys},
            [pk for pk in self.columns if pk in keys],
            [pk for pk in self.clean if pk in keys],
            {pk: version for pk, version in self.versions.items() if pk in keys},
            {pk: others for pk, others in self.others.items() if pk in keys},
        )

    def __add__(self, other: "Examined") -> "Examined":
        documents, versions = {**self.documents, **other.documents}, {**self.versions, **other.versions}
        columns, clean = [*self.columns, *other.columns], [*self.clean, *other.clean]
        return Examined(documents, columns, clean, versions, {**self.others, **other.others})


def unexamined() -> QuerySet[AuditLog]:
    """Return the logs of any age that the present rule has not examined.

    The index `audit_log_examined` serves this query for every rule: each other one is a range in it.
    """
    return AuditLog.objects.filter(cleaned_version__in=rule.others())


def examine(logs: QuerySet[AuditLog]) -> Examined:
    """Tell the logs that hold something personal from those that do not. Reads only."""
    documents: dict[int, str] = {}
    columns: list[int] = []
    clean: list[int] = []
    versions: dict[int, str] = {}
    others: dict[int, Columns] = {}
    how = policy.current()
    for pk, document, has_personal_columns, version, action, resource_type, resource_id in _rows(logs):
        versions[pk] = version
        if changed := _columns(how, action, resource_type, resource_id):
            others[pk] = changed
        cleaned = how.clean_json(action, document)
        if cleaned is not None:
            documents[pk] = cleaned
        else:
            (columns if has_personal_columns or changed else clean).append(pk)
    return Examined(documents, columns, clean, versions, others)


def anonymise(logs: QuerySet[AuditLog], seen: Examined | None = None) -> Examined:
    """Anonymise those of `logs` that hold personal data, mark all of them, and return both kinds.

    No concurrent edit is lost: the results `seen` earlier are written to rows that are still the same (PostgreSQL
    only); the other rows are locked and examined again. Call it in a transaction, with as many logs as fit into memory.
    """
    written = _write(seen, logs.db) if seen else set()
    if seen and len(written) == len(seen.versions):
        return seen
    found = examine(logs.select_for_update(no_key=True))
    _write(found, logs.db)
    return seen.only(written) + found if seen else found


def _columns(how: policy.Policy, action: str, resource_type: str, resource_id: str | None) -> Columns:
    """Return the columns beside the metadata that change, with their new values."""
    changed: dict[str, str | None] = {}
    if (cleaned := clean_action(action)) != action:
        changed["action"] = cleaned[: _longest("action")]
    if not how.keeps(action):
        changed |= {"resource_type": ""} if resource_type else {}
        changed |= {"resource_id": None} if resource_id is not None else {}
    elif resource_id is not None:
        if is_person_type(resource_type):
            changed["resource_id"] = None
        elif (cleaned := clean_column(resource_id)) is not resource_id:
            changed["resource_id"] = cleaned[: _longest("resource_id")]
    return changed


def _longest(name: str) -> int | None:
    field: Field[Any, Any] = AuditLog._meta.get_field(name)  # type: ignore[assignment]
    return field.max_length


def _rows(logs: QuerySet[AuditLog]) -> "QuerySet[AuditLog, Any]":
    """Return key, metadata as text, whether the columns hold a person, row version, action and resource of each."""
    # Empty is "none sent", and says nothing about anybody.
    has_agent = Q(user_agent__isnull=False) & ~Q(user_agent="")
    has_person = Q(user__isnull=False) | Q(subject__isnull=False) | Q(ip_address__isnull=False)
    rows = logs.order_by("pk").annotate(
        document=Cast("metadata", TextField()),
        has_personal_columns=ExpressionWrapper(has_person | has_agent, output_field=BooleanField()),
        row_version=_row_version(logs.db),
    )
    columns = ("action", "resource_type", "resource_id")
    return rows.values_list("pk", "document", "has_personal_columns", "row_version", *columns)


def _row_version(using: str = "default") -> Any:
    """Express what differs between any two versions of a row: on PostgreSQL the transaction that wrote it."""
    if connections[using].vendor != "postgresql":
        return Value("")
    column = f'"{AuditLog._meta.db_table}".xmin::text'
    return RawSQL(column, [], output_field=CharField())  # noqa: S611 - no input # nosec B611


def _write(found: Examined, using: str) -> set[int]:
    """Write the examination results, and return the keys of the written rows."""
    if connections[using].vendor == "postgresql":
        return _write_at_once(found, using)
    present = rule.number(using)
    nothing_personal = _nothing_personal(present)
    for pk, document in found.documents.items():
        exact = RawSQL("%s", [document], output_field=JSONField())
        _update([pk], using, metadata=exact, **nothing_personal, **found.others.get(pk, {}))
    for pk, others in found.others.items():
        if pk not in found.documents:
            _update([pk], using, **nothing_personal, **others)
    _update([pk for pk in found.columns if pk not in found.others], using, **nothing_personal)
    _update(found.clean, using, cleaned_version=present)
    return set(found.versions)


def _nothing_personal(present: int) -> dict[str, Any]:
    people = dict.fromkeys(("user", "subject", "ip_address", "user_agent"))
    return people | {"cleaned_version": present}


def _update(keys: Sequence[int], using: str, **values: Any) -> None:
    if keys:
        AuditLog.objects.using(using).filter(in_array(keys)).update(**values)


def _write_at_once(found: Examined, using: str) -> set[int]:
    """Write all rows that are still what they were, by one statement with one document for all.

    A parameter or a statement for each takes far longer, and so does locking them first.
    """
    clean, keys = set(found.clean), list(found.versions)
    documents = ",".join([found.documents.get(pk, "null") for pk in keys])
    others = ",".join([json.dumps(found.others[pk]) if pk in found.others else "null" for pk in keys])
    with connections[using].cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE {AuditLog._meta.db_table} AS log
            SET metadata = COALESCE(NULLIF(new.document, 'null'), log.metadata),
                user_id = NULL, subject_id = NULL, ip_address = NULL,
                user_agent = CASE WHEN new.is_clean THEN log.user_agent END,
                action = COALESCE(new.other->>'action', log.action),
                resource_type = COALESCE(new.other->>'resource_type', log.resource_type),
                resource_id = CASE
                    WHEN new.other ? 'resource_id' THEN new.other->>'resource_id' ELSE log.resource_id END,
                cleaned_version = %s
            FROM ROWS FROM (
                unnest(%s::bigint[]), unnest(%s::xid[]), unnest(%s::boolean[]),
                jsonb_array_elements(%s::jsonb), jsonb_array_elements(%s::jsonb)
            ) AS new (id, version, is_clean, document, other)
            WHERE log.id = new.id AND log.xmin = new.version
            RETURNING log.id
            """,  # names of tables and columns are the models' # nosec B608
            [
                rule.number(using),
                array_of(keys), array_of(found.versions.values()), array_of([pk in clean for pk in keys]),
                f"[{documents}]", f"[{others}]",
            ],
        )  # fmt: skip
        return {pk for (pk,) in cursor.fetchall()}

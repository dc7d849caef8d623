"""Anonymise audit logs: nobody is named, and what happened stays.

- `user`, `subject`, `ip_address` and `user_agent` become null; a `subject` tells whom the entry is about.
- `resource_id` becomes null where the resource is a person (`PERSON_TYPES`).
- Personal data leaves `metadata` (`bazaar.metadata`).

`cleaned_version` marks what has been examined. A log that holds nothing of this gets the marker and nothing else, and
is not looked at again until it changes (`bazaar.triggers`) or the cleaner's version is raised.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.models import BooleanField, Case, ExpressionWrapper, F, Q, QuerySet, Value, When

from bazaar import metadata
from bazaar.models import AuditLog
from bazaar.personal_data import PERSON_TYPES

NAMES_PERSON = Q(resource_type__in=PERSON_TYPES)


@dataclass(frozen=True)
class Examined:
    """Primary keys of logs by what is in them: `documents` are those whose metadata changes, with what it becomes."""

    documents: Sequence[tuple[int, metadata.Json]]
    columns: Sequence[int]
    clean: Sequence[int]

    @property
    def changed(self) -> int:
        return len(self.documents) + len(self.columns)

    @property
    def personal(self) -> list[int]:
        """The primary keys of those that hold something personal, in order."""
        return sorted([*(pk for pk, _ in self.documents), *self.columns])


def unexamined() -> QuerySet[AuditLog]:
    """Return the logs that the present cleaner has not examined, whatever their age.

    Whoever raises the cleaner's version puts the same condition into the index `audit_log_never_examined`, which serves
    this query.
    """
    return AuditLog.objects.filter(cleaned_version__in=range(metadata.VERSION))


def examine(logs: QuerySet[AuditLog]) -> Examined:
    """Tell the logs that hold something personal from those that do not. Reads only."""
    documents: list[tuple[int, metadata.Json]] = []
    columns: list[int] = []
    clean: list[int] = []
    for pk, document, has_personal_columns in _rows(logs):
        cleaned = metadata.clean(document)
        if cleaned is not document:
            documents.append((pk, cleaned))
        else:
            (columns if has_personal_columns else clean).append(pk)
    return Examined(documents, columns, clean)


def anonymise(logs: QuerySet[AuditLog]) -> Examined:
    """Anonymise those of `logs` that hold something personal, mark all of them, and return which were which.

    They are locked before they are read, so that an edit comes before or after, and neither gets lost. Call it in a
    transaction, with as many logs as fit into memory; three statements write them.
    """
    found = examine(logs.select_for_update(no_key=True))
    _write(found.documents, logs.db)
    _update(found.columns, **_nothing_personal())
    _update(found.clean, cleaned_version=metadata.VERSION)
    return found


def _rows(logs: QuerySet[AuditLog]) -> Iterator[tuple[int, Any, bool]]:
    has_resource = NAMES_PERSON & Q(resource_id__isnull=False)
    # Empty is "none sent", and says nothing about anybody.
    has_agent = Q(user_agent__isnull=False) & ~Q(user_agent="")
    has_person = Q(user__isnull=False) | Q(subject__isnull=False) | Q(ip_address__isnull=False)
    is_personal = ExpressionWrapper(has_person | has_agent | has_resource, output_field=BooleanField())
    rows = logs.annotate(has_personal_columns=is_personal).order_by("pk")
    yield from rows.values_list("pk", "metadata", "has_personal_columns")


def _nothing_personal() -> dict[str, Any]:
    return {
        "user": None,
        "subject": None,
        "ip_address": None,
        "user_agent": None,
        "resource_id": Case(When(NAMES_PERSON, then=Value(None)), default=F("resource_id")),
        "cleaned_version": metadata.VERSION,
    }


def _update(keys: Sequence[int], **values: Any) -> None:
    if keys:
        AuditLog.objects.filter(pk__in=keys).update(**values)


def _write(rows: Sequence[tuple[int, metadata.Json]], using: str) -> None:
    if connections[using].vendor == "postgresql":
        _write_at_once(rows, using)
    else:
        for pk, document in rows:
            AuditLog.objects.using(using).filter(pk=pk).update(metadata=document, **_nothing_personal())


def _write_at_once(rows: Sequence[tuple[int, metadata.Json]], using: str) -> None:
    """Write all rows by one statement with one document for all: a parameter or a statement each takes far longer."""
    if not rows:
        return
    with connections[using].cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE {AuditLog._meta.db_table} AS log
            SET metadata = new.value -> 1,
                user_id = NULL, subject_id = NULL, ip_address = NULL, user_agent = NULL,
                resource_id = CASE WHEN log.resource_type = ANY(%s) THEN NULL ELSE log.resource_id END,
                cleaned_version = %s
            FROM jsonb_array_elements(%s::jsonb) AS new
            WHERE log.id = (new.value ->> 0)::bigint
            """,
            [list(PERSON_TYPES), metadata.VERSION, json.dumps(rows)],
        )

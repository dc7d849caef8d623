"""All that is held about a person: the rows that an erasure would delete or change, without credentials, and the files.

Both read the same inventory with the same selectors, so that access and erasure cannot differ. Of texts that other
people wrote, only the places are told in which an address of the person stands: the texts are theirs.
"""

import json
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from typing import IO, Any

from django.db import transaction
from django.utils import timezone

from bazaar.deletion_errors import UnknownUser
from bazaar.erasure import Mode, Scope, collect
from bazaar.erasure.identity import identity_of
from bazaar.erasure.inventory import DataCategory, Step, steps
from bazaar.erasure.verify import rows_left
from bazaar.models import AuditLog, Upload, User
from bazaar.processing import category_of
from maintenance.core.json_encoder import encode

AUDIT_ACTION = "account.exported"
Row = dict[str, Any]


@dataclass
class Export:
    """Rows by model; places in rows of others, by model and field; keys of uploads with a file."""

    user: int
    account: str
    exported_at: datetime
    records: dict[str, list[Row]] = field(default_factory=dict)
    mentions: list[dict[str, Any]] = field(default_factory=list)
    keys: dict[str, set[Any]] = field(default_factory=dict, repr=False)

    def as_json(self) -> dict[str, Any]:
        return {
            "user": self.user,
            "account": self.account,
            "exported_at": self.exported_at,
            "records": self.records,
            "mentions": self.mentions,
        }

    def by_category(self) -> dict[str, int]:
        """Return how many records there are in each category, by its name."""
        numbers: Counter[str] = Counter()
        for label, rows in self.records.items():
            numbers[str(category_of(label).label)] += len(rows)
        for mention in self.mentions:
            numbers[str(category_of(mention["model"]).label)] += 1
        return dict(sorted(numbers.items()))


def export_of(user_id: int, *, now: datetime | None = None) -> Export:
    """Return what is held about a user. Reads only. Raises `UnknownUser`."""
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise UnknownUser
    now = now or timezone.now()
    scope = Scope(identity_of([user_id]), Mode.DELETE, now)
    result = Export(user.pk, str(user.public_id), now)
    with transaction.atomic():
        for step in steps(collect()):
            if step.search:
                _add_mentions(result, step, scope)
            else:
                _add_rows(result, step, scope)
    return result


def write_zip(export: Export, target: IO[bytes]) -> None:
    """Write the document and the files as a ZIP archive. A file that cannot be read is named in the document."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        missing = [name for name, upload in _files(export) if not _write_file(archive, name, upload)]
        document = {**json.loads(encode(export)), "missing_files": missing}
        archive.writestr("data.json", json.dumps(document, indent=2))


def record(export: Export, by: User | None) -> None:
    """Write into the audit log that somebody took a copy."""
    AuditLog.objects.create(
        action=AUDIT_ACTION,
        user=by,
        subject_id=export.user,
        resource_type="user",
        resource_id=str(export.user),
        metadata={"records": sum(map(len, export.records.values()))},
    )


def _add_rows(result: Export, step: Step, scope: Scope) -> None:
    names = _fields(step)
    seen = result.keys.setdefault(step.label, set())
    for row in step.rows(scope).order_by("pk").values("pk", *names):
        key = row.pop("pk")
        if key not in seen:
            seen.add(key)
            result.records.setdefault(step.label, []).append(row)


def _add_mentions(result: Export, step: Step, scope: Scope) -> None:
    for key in rows_left(step, scope):
        if key in result.keys.get(step.label, set()):
            continue
        result.keys.setdefault(step.label, set()).add(key)
        place = {"model": step.label, "fields": list(step.actions(scope.mode))}
        result.mentions.append(place if _is_secret(step, step.model._meta.pk.name) else {**place, "id": str(key)})


def _fields(step: Step) -> list[str]:
    fields = [one.name for one in step.model._meta.concrete_fields]
    return [name for name in fields if not _is_secret(step, name)]


def _is_secret(step: Step, name: str) -> bool:
    return any(
        name in policy.fields and policy.category is DataCategory.CREDENTIAL
        for policy in collect()
        if policy.model == step.label
    )


def _files(export: Export) -> Iterator[tuple[str, Upload]]:
    for upload in Upload.objects.filter(pk__in=export.keys.get("bazaar.Upload", ())).order_by("pk"):
        yield f"files/{upload.pk}-{PurePosixPath(str(upload.file.name)).name}", upload


def _write_file(archive: zipfile.ZipFile, name: str, upload: Upload) -> bool:
    try:
        with upload.file.open("rb") as source:
            archive.writestr(name, source.read())
    except Exception:  # whatever a storage raises: the rest is exported all the same
        return False
    return True

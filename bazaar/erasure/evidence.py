"""What proves an erasure afterwards, without a word about the person."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F

from bazaar.erasure.execute import Changes
from bazaar.erasure.leftovers import Extent
from bazaar.erasure.scope import Mode
from bazaar.models import AuditLog, DeletionRequest


@dataclass(frozen=True)
class Evidence:
    """How a request was carried out. `public_id` is `None` where the user had gone in another way before."""

    request_id: int
    user_id: int
    public_id: str | None
    mode: Mode
    changes: Changes = field(default_factory=Changes)
    karma_recounted: int = 0
    searched: Extent = field(default_factory=lambda: Extent(0, 0))
    is_proven: bool = True

    def as_json(self) -> dict[str, Any]:
        """Return what the request keeps. Only models of which a row went or changed are named."""
        return {
            "mode": str(self.mode),
            "public_id": self.public_id,
            "rows_deleted": dict(sorted(self.changes.deleted.items())),
            "rows_changed": dict(sorted(self.changes.changed.items())),
            "files_condemned": self.changes.files_marked,
            "karma_recounted": self.karma_recounted,
            "rows_of_others": dict(sorted(self.changes.of_others.items())),
            "columns_searched": self.searched.columns,
            "texts_searched": self.searched.texts,
        }


def complete(evidence: Evidence, now: datetime) -> None:
    """Write the evidence to the request and to the audit log. The request's `user` is the inventory's business."""
    AuditLog.objects.create(
        action="account.erased" if evidence.is_proven else "account.erasure_unproven",
        resource_type="deletion_request",
        resource_id=str(evidence.request_id),
        metadata={
            "public_id": evidence.public_id,
            "mode": str(evidence.mode),
            "rows_deleted": evidence.changes.deleted.total(),
            "rows_changed": evidence.changes.changed.total(),
            "files_condemned": evidence.changes.files_marked,
        },
        created_at=now,
    )
    DeletionRequest.objects.filter(pk=evidence.request_id).update(
        status=DeletionRequest.Status.COMPLETED if evidence.is_proven else DeletionRequest.Status.UNPROVEN,
        completed_at=now,
        attempts=F("attempts") + 1,
        last_attempt_at=now,
        last_error="",
        evidence=evidence.as_json(),
    )

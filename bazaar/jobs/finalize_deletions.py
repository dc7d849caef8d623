from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from bazaar import deletion_notice, erasure, uploads
from bazaar.models import DeletionRequest, Upload
from maintenance.api import Job, Outcome, RowStage, Verb
from maintenance.core.errors import record_of


class FinalizeDeletions(Job):
    name = "finalize-deletions"
    description = (
        "Carry out deletion requests that are past their date: anonymise the person, or delete them and all their data."
    )
    about = (
        "Each request is one transaction. Before them everybody's texts are searched once for the addresses of all "
        "who go, and whoever was anonymised in the last days is looked at again; after them the files that nothing "
        "shows any more are removed."
    )
    schedule = "30 4 * * *"
    excludes = ("recalculate-karma", "cleanup-orphaned-files")
    verb = Verb("carry out", "carried out")

    def stages(self, now: datetime) -> Sequence[RowStage[Any]]:
        due = DeletionRequest.objects.due(now)
        swept_at: list[datetime] = []
        """When everybody's texts were searched; until that is committed, each erasure searches them itself."""

        def sweep() -> Outcome:
            subjects = erasure.addresses_of(due.values_list("user_pk", flat=True))
            swept = erasure.recheck(now) + erasure.sweep_mentions(subjects, now)
            transaction.on_commit(lambda: swept_at.append(now))
            rows = swept.changed.total() + swept.deleted.total()
            return Outcome(side_changes=rows, counts={"rows_swept": rows})

        def carry_out(batch: QuerySet[DeletionRequest]) -> Outcome:
            request = batch.first()
            if request is None:  # it was cancelled a moment ago
                return Outcome(unchanged=1)
            address = deletion_notice.address_of(request)
            evidence = erasure.erase(request.pk, now, swept_at=swept_at[0] if swept_at else None)
            if evidence is None:
                return Outcome(unchanged=1)
            deletion_notice.send_after_commit(request, address)
            return Outcome(changed=1, counts={f"users_{_PAST[evidence.mode]}": 1})

        def record_failure(request_id: int, error: Exception) -> None:
            record = record_of(error)
            erasure.record_failure(request_id, type(error).__qualname__, record["sqlstate"], now)

        return [
            RowStage(due, carry_out, largest_batch=1, before=sweep, on_failure=record_failure),
            RowStage(uploads.marked_for_removal(), self.remove_files, is_counted=False),
        ]

    def remove_files(self, batch: QuerySet[Upload]) -> Outcome:
        result = uploads.remove(batch)
        return Outcome(
            side_changes=result.gone,
            unchanged=len(result.failed),
            warnings={f"upload {pk}": cause for pk, cause in result.failed.items()},
            counts={"files_removed": result.gone, "files_not_removed": len(result.failed)},
        )

    def remark(self, counts: Mapping[str, int], options: object) -> str:
        del options
        if not counts.get("files_not_removed"):
            return ""
        return f"{counts['files_not_removed']:,} files could not be removed, and are tried again."


_PAST = {erasure.Mode.ANONYMISE: "anonymised", erasure.Mode.DELETE: "deleted"}

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.core.checks import CheckMessage
from django.db.models import QuerySet

from bazaar import approvals, closing_mails, erasure, uploads
from bazaar.decisions.checks import missing_confirmations, refusals
from bazaar.decisions.recording import settle_now
from bazaar.erasure import searches
from bazaar.holds.checks import overdue_reviews
from bazaar.models import DeletionRequest, Upload
from bazaar.searches.models import ErasureSearchPart
from maintenance.api import Job, Outcome, Preview, RowStage, Verb
from maintenance.core.counting import counted
from maintenance.core.errors import NotReady, RunMustEnd, summary_of


class FinalizeDeletions(Job):
    name = "finalize-deletions"
    description = "Carry out due deletion requests: anonymise the account, or delete it with all its data."
    about = (
        "Each request is one transaction. Before the first one, all texts are searched once for the addresses of all "
        "accounts, and recently anonymised accounts are checked again. After the last one, files that are no longer "
        "in use are deleted."
    )
    schedule = "30 4 * * *"
    excludes = ("recalculate-karma", "cleanup-orphaned-files")
    verb = Verb("carry out", "carried out")
    noun = ("deletion request", "deletion requests")

    def findings(self) -> list[CheckMessage]:
        return [*refusals(), *missing_confirmations(), *overdue_reviews(), *approvals.missing()]

    def stages(self, now: datetime) -> Sequence[RowStage[Any]]:
        def prepare() -> Outcome:
            changes = erasure.recheck(now)
            searches.plan(now)
            settle_now()
            rows = changes.changed.total() + changes.deleted.total()
            return Outcome(side_changes=rows, counts={"rows_swept": rows})

        def record_failure(request_id: int, error: Exception) -> None:
            erasure.record_failure(request_id, summary_of(error), None, now)

        parts = ErasureSearchPart.objects.all()
        return [
            RowStage(parts, self.search, self.preview_search, largest_batch=1, before=prepare, is_counted=False),
            RowStage(
                DeletionRequest.objects.past_date(now),
                partial(self.carry_out, now=now),
                largest_batch=1,
                on_failure=record_failure,
            ),
            RowStage(uploads.marked_for_removal(), self.remove_files, is_counted=False),
        ]

    def search(self, batch: QuerySet[ErasureSearchPart]) -> Outcome:
        found = sum(searches.perform(part) for part in batch)
        return Outcome(counts={"rows_swept": found} if found else {})

    def preview_search(self, batch: QuerySet[ErasureSearchPart]) -> Preview:
        del batch
        return Preview(ids=[])

    def carry_out(self, batch: QuerySet[DeletionRequest], now: datetime) -> Outcome:
        request = batch.first()
        if request is None:  # it was cancelled a moment ago
            return Outcome(unchanged=1)
        address = closing_mails.address_of(request)
        try:
            evidence = erasure.erase(request.pk, now, searched=searches.found_for(request))
        except NotReady as refusal:
            raise RunMustEnd(str(refusal)) from refusal
        if evidence is None:
            return Outcome(unchanged=1)
        if not evidence.is_proven:
            return Outcome(changed=1, counts={"users_unproven": 1})
        closing_mails.queue(request, address)
        return Outcome(changed=1, counts={f"users_{_PAST[evidence.mode]}": 1})

    def remove_files(self, batch: QuerySet[Upload]) -> Outcome:
        try:
            result = uploads.remove(batch)
        except uploads.StorageUnreachable as error:
            raise RunMustEnd(str(error)) from error
        return Outcome(
            side_changes=result.gone,
            warnings={f"upload {pk}": cause for pk, cause in result.failed.items()},
            counts={"files_removed": result.gone, "files_not_removed": len(result.failed)},
        )

    def remark(self, counts: Mapping[str, int], options: object) -> str:
        del options
        remarks = []
        if counts.get("users_unproven"):
            remarks.append(
                f"{counted(counts['users_unproven'], self.noun)} cannot be proven: the account had vanished before."
            )
        if counts.get("files_not_removed"):
            files = counted(counts["files_not_removed"], ("file", "files"))
            remarks.append(f"{files} could not be deleted: a later run tries again.")
        return " ".join(remarks)


_PAST = {erasure.Mode.ANONYMISE: "anonymised", erasure.Mode.DELETE: "deleted"}

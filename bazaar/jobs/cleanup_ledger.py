from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.core.checks import CheckMessage

from bazaar.decisions.checks import refusals
from bazaar.decisions.models import LedgerMark
from bazaar.decisions.state import current_mark
from bazaar.jobs.cleanup_expired_tokens import EVIDENCE
from bazaar.ledger import expiry
from maintenance.api import DueFiles, FileStage, Job, Outcome, Retention, RowStage


class CleanupLedger(Job):
    name = "cleanup-ledger"
    description = "Drop entries of the ledger that are older than 4 years; the chain of the others stays checkable."
    about = (
        "The entries are in a database of their own. One entry takes the place of those that go. None goes before the "
        "evidence of its erasure (DELETION_EVIDENCE_RETENTION_YEARS) and the backups (BACKUP_RETENTION_DAYS) have gone."
    )
    schedule = "15 1 * * 0"
    retention = Retention("LEDGER_RETENTION_YEARS", field="made_at", years=4)
    noun = ("ledger entry", "ledger entries")
    respects_holds = False

    def findings(self) -> list[CheckMessage]:
        return refusals()

    def stages(self, now: datetime) -> Sequence[RowStage[LedgerMark]]:
        del now
        return []

    def file_stages(self, now: datetime, options: Collection[str]) -> Sequence[FileStage[str]]:
        del options
        # What proves an erasure stays as long as its evidence, and as long as a backup could bring the person back.
        backups = now - timedelta(days=settings.BACKUP_RETENTION_DAYS)
        due = partial(self.due, min(self.retention.cutoff(now), EVIDENCE.cutoff(now), backups))
        return [FileStage(expiry.pages_of_numbers, due, self.process, is_guarded=False)]

    def due(self, cutoff: datetime, numbers: Sequence[str]) -> DueFiles[str]:
        return DueFiles(expiry.older_than(cutoff, numbers))

    def process(self, numbers: Sequence[str]) -> Outcome:
        """Drop the entries up to the last of `numbers`, which are in order."""
        expiry.expire(int(numbers[-1]), current_mark().origin)
        return Outcome(deleted=len(numbers))

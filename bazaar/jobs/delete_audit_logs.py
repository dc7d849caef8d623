from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial

from django.core.checks import CheckMessage
from django.db.models import QuerySet
from django.utils import timezone

from bazaar.models import AuditLog
from bazaar.partitions import findings, upkeep
from maintenance.api import Outcome, QuerySetJob, Retention, RowStage, delete_rows
from maintenance.core.counting import BYTES, counted
from maintenance.core.database import is_postgresql


class DeleteAuditLogs(QuerySetJob[AuditLog]):
    name = "delete-audit-logs"
    description = "Delete audit logs that are older than 3 years."
    about = (
        "Where the audit log is partitioned (`manage.py audit_partitions`), it makes the partitions of the next months "
        "and drops those that are past the limit, unless a row in them is held."
    )
    schedule = "30 3 * * 0"
    retention = Retention("AUDIT_LOG_DELETE_YEARS", years=3)
    durable_batches = False

    def findings(self) -> list[CheckMessage]:
        return findings.findings(timezone.now())

    def stages(self, now: datetime) -> Sequence[RowStage[AuditLog]]:
        maintain = partial(upkeep.maintain, self.retention.cutoff(now), now)
        return [RowStage(self.due(now), self.process, before=maintain if is_postgresql() else None)]

    def due(self, now: datetime) -> QuerySet[AuditLog]:
        return AuditLog.objects.filter(created_at__lt=self.retention.cutoff(now))

    def process(self, batch: QuerySet[AuditLog]) -> Outcome:
        return Outcome(deleted=delete_rows(batch))

    def remark(self, counts: Mapping[str, int], options: Collection[str]) -> str:
        del options
        if not (number := counts.get("partitions", 0)):
            return ""
        dropped, size = counted(number, ("partition", "partitions")), counted(counts["bytes"], BYTES)
        return f"Dropped {dropped}, which gave back {size}."

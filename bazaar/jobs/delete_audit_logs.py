from datetime import datetime

from django.db.models import QuerySet

from bazaar.models import AuditLog
from maintenance.api import Outcome, QuerySetJob, Retention, delete_rows


class DeleteAuditLogs(QuerySetJob[AuditLog]):
    name = "delete-audit-logs"
    description = "Delete audit logs that are older than 3 years."
    schedule = "30 3 * * 0"
    retention = Retention("AUDIT_LOG_DELETE_YEARS", years=3)
    durable_batches = False

    def due(self, now: datetime) -> QuerySet[AuditLog]:
        return AuditLog.objects.filter(created_at__lt=self.retention.cutoff(now))

    def process(self, batch: QuerySet[AuditLog]) -> Outcome:
        return Outcome(deleted=delete_rows(batch))

from collections.abc import Sequence
from datetime import datetime

from django.core.checks import CheckMessage, Error
from django.db.models import QuerySet

from bazaar import audit
from bazaar.jobs.delete_audit_logs import DeleteAuditLogs
from bazaar.models import AuditLog
from maintenance.api import Job, Outcome, PrefetchStage, Preview, Retention, Verb
from maintenance.core.errors import InvalidRetention


class AnonymizeAuditLogs(Job):
    name = "anonymize-audit-logs"
    description = "Anonymise audit logs that are older than 1 year: they keep the event and no longer name a person."
    schedule = "0 3 * * *"
    retention = Retention("AUDIT_LOG_ANONYMIZE_YEARS", years=1)
    verb = Verb("anonymise", "anonymised")
    durable_batches = False

    def stages(self, now: datetime) -> Sequence[PrefetchStage[AuditLog, audit.Examined]]:
        return [PrefetchStage(self.due(now), self.process, audit.examine, self.preview)]

    def due(self, now: datetime) -> QuerySet[AuditLog]:
        return audit.unexamined().filter(created_at__lt=self.retention.cutoff(now))

    def process(self, batch: QuerySet[AuditLog], examined: audit.Examined | None) -> Outcome:
        found = audit.anonymise(batch, examined)
        return Outcome(changed=found.changed, unchanged=len(found.clean))

    def preview(self, batch: QuerySet[AuditLog]) -> Preview:
        found = audit.examine(batch)
        return Preview(unchanged=len(found.clean), ids=found.personal)

    def check(self) -> list[CheckMessage]:
        limit, deletion = self.retention, DeleteAuditLogs.retention
        try:
            is_sound = limit.limit < deletion.limit
        except InvalidRetention:  # reported by a check of its own
            return []
        if is_sound:
            return []
        return [
            Error(
                f"{limit.setting} ({limit}) is not below {deletion.setting} ({deletion}): "
                "audit logs would be deleted before they are anonymised.",
                hint=f"Lower {limit.setting} (default {limit.default}), or raise {deletion.setting} "
                f"(default {deletion.default}).",
                id="maintenance.E005",
            )
        ]

from datetime import datetime

from django.db.models import QuerySet

from bazaar.models import PushToken
from maintenance.api import Outcome, QuerySetJob, Retention, delete_rows


class CleanupPushTokens(QuerySetJob[PushToken]):
    name = "cleanup-push-tokens"
    description = "Delete push tokens that were last used more than 90 days ago."
    schedule = "30 2 * * *"
    retention = Retention("PUSH_TOKEN_RETENTION_DAYS", field="last_used_at", days=90)
    durable_batches = False

    def due(self, now: datetime) -> QuerySet[PushToken]:
        return PushToken.objects.filter(last_used_at__lt=self.retention.cutoff(now))

    def process(self, batch: QuerySet[PushToken]) -> Outcome:
        return Outcome(deleted=delete_rows(batch))

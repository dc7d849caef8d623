from datetime import datetime

from django.db.models import QuerySet

from bazaar.models import Invitation
from maintenance.api import Outcome, QuerySetJob, Retention, delete_rows


class CleanupInvitations(QuerySetJob[Invitation]):
    name = "cleanup-invitations"
    description = "Delete invitations without an answer after 30 days."
    schedule = "0 2 * * *"
    retention = Retention("INVITATION_RETENTION_DAYS", days=30)
    durable_batches = False

    def due(self, now: datetime) -> QuerySet[Invitation]:
        return Invitation.objects.pending().filter(created_at__lt=self.retention.cutoff(now))

    def process(self, batch: QuerySet[Invitation]) -> Outcome:
        return Outcome(deleted=delete_rows(batch))

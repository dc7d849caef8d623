from datetime import datetime

from django.db.models import QuerySet

from maintenance.api import Outcome, QuerySetJob, Retention, delete_rows
from shop.models import Cart


class CleanupCarts(QuerySetJob[Cart]):
    name = "cleanup-carts"
    description = "Delete carts that nobody has changed for 14 days."
    schedule = "15 2 * * *"
    retention = Retention("CART_RETENTION_DAYS", field="changed_at", days=14)

    def due(self, now: datetime) -> QuerySet[Cart]:
        return Cart.objects.filter(changed_at__lt=self.retention.cutoff(now))

    def process(self, batch: QuerySet[Cart]) -> Outcome:
        return Outcome(deleted=delete_rows(batch))

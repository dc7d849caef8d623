import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Count, F, Sum
from django.db.models.functions import Abs

from bazaar import karma
from bazaar.models import User
from maintenance.api import Job, KeyStage, Outcome, Preview, Verb
from maintenance.core.array_lookup import in_array

logger = logging.getLogger(__name__)


class RecalculateKarma(Job):
    name = "recalculate-karma"
    description = "Recalculate the karma of every active user, and correct wrong values."
    schedule = "0 5 * * 0"
    irreversible = False
    durable_batches = False
    verb = Verb("repair", "repaired")
    noun = ("karma value", "karma values")

    def stages(self, now: datetime) -> Sequence[KeyStage[User]]:
        del now
        return [KeyStage(karma.drifted(), self.process, self.preview)]

    def process(self, batch: Sequence[int]) -> Outcome:
        changes = karma.recount(User.objects.filter(in_array(batch)))
        transaction.on_commit(partial(log_changes, changes))
        return Outcome(
            changed=len(changes),
            unchanged=len(batch) - len(changes),
            counts=counts_of(len(changes), sum(abs(change.new - change.old) for change in changes)),
        )

    def preview(self, batch: Sequence[int]) -> Preview:
        users = karma.drifted(User.objects.filter(in_array(batch)))
        drift = users.aggregate(users=Count("pk"), total=Sum(Abs(F("expected_karma") - F("karma")), default=0))
        return Preview(counts=counts_of(drift["users"], drift["total"]))

    def remark(self, counts: Mapping[str, int], options: Collection[str]) -> str:
        del options
        return f"Total difference: {counts['total_drift']:,}." if counts.get("total_drift") else ""


def counts_of(users: int, total: int) -> dict[str, int]:
    return {"drifted_users": users, "total_drift": total}


def log_changes(changes: Sequence[karma.Change]) -> None:
    """Log each repair, by the user's id."""
    for change in changes:
        logger.info("The karma of user %s was %s and is %s.", change.user_id, change.old, change.new)

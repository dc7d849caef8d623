import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import Abs

from bazaar import karma
from bazaar.models import User
from maintenance.job import Outcome, QuerySetJob, Stage, Verb

logger = logging.getLogger(__name__)


class RecalculateKarma(QuerySetJob[User]):
    """Recompute the karma of every live user, and repair what has drifted."""

    name = "recalculate-karma"
    schedule = "0 5 * * 0"
    irreversible = False
    verb = Verb("repair", "repaired")
    noun = ("karma value", "karma values")

    def stages(self, now: datetime) -> Sequence[Stage[User]]:
        return [Stage(self.due(now), self.process, self.preview)]

    def due(self, _now: datetime) -> QuerySet[User]:
        return karma.drifted()

    def process(self, batch: QuerySet[User]) -> Outcome:
        # Between the first and the last of a batch nearly everybody's karma is right: look for the others only once.
        drifted = list(batch.values_list("pk", flat=True))
        changes = karma.recount(User.objects.filter(pk__in=drifted))
        transaction.on_commit(partial(log_changes, changes))
        return Outcome(
            changed=len(changes),
            unchanged=len(drifted) - len(changes),
            counts=counts_of(len(changes), sum(abs(change.new - change.old) for change in changes)),
        )

    def preview(self, batch: QuerySet[User]) -> Outcome:
        drift = batch.aggregate(users=Count("pk"), total=Sum(Abs(F("expected_karma") - F("karma")), default=0))
        return Outcome(counts=counts_of(drift["users"], drift["total"]))

    def remark(self, counts: Mapping[str, int], _options: Collection[str]) -> str:
        return f"They were off by {counts['total_drift']:,} in total." if counts.get("total_drift") else ""


def counts_of(users: int, total: int) -> dict[str, int]:
    return {"drifted_users": users, "total_drift": total}


def log_changes(changes: Sequence[karma.Change]) -> None:
    """Log each repair, by the user's id."""
    for change in changes:
        logger.info("The karma of user %s was %s and is %s.", change.user_id, change.old, change.new)

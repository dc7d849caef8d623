from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.core.checks import CheckMessage
from django.db import transaction
from django.db.models import QuerySet

from bazaar import closing_mails, mail, request_notices
from bazaar.decisions.checks import refusals
from bazaar.decisions.state import Behind
from bazaar.models import ClosingMail, DeletionRequest
from maintenance.api import Job, Outcome, RowStage, Verb


class SendDeletionNotices(Job):
    name = "send-deletion-notices"
    description = (
        "Send mails to persons about their deletion requests: when one was made, and 3 days before its date; and once "
        "more the last mail after an erasure, where the server did not take it."
    )
    about = (
        "Without EMAIL_URL nothing is sent. No mail is sent twice. One that the server does not take is tried again "
        "by a later run; the last mail until its limit, then its address is deleted."
    )
    schedule = "*/15 * * * *"
    irreversible = False
    retentions = (closing_mails.KEPT,)
    respects_holds = False  # requests of persons under a hold are not among those that are due
    verb = Verb("attempt", "attempted")
    noun = ("mail", "mails")

    def findings(self) -> list[CheckMessage]:
        # Which requests are open, and which mails were sent, a restored database knows after the replay.
        return [*refusals(Behind), *request_notices.failing(), *closing_mails.failing()]

    def stages(self, now: datetime) -> Sequence[RowStage[Any]]:
        expired = RowStage(closing_mails.expired(now), self.give_up, retention=closing_mails.KEPT, is_counted=False)
        if not mail.is_configured():
            return [expired]
        return [
            RowStage(request_notices.due(now), partial(self.process, now=now), largest_batch=1),
            RowStage(closing_mails.due(now), partial(self.close, now=now), largest_batch=1),
            expired,
        ]

    def close(self, batch: QuerySet[ClosingMail], now: datetime) -> Outcome:
        claimed = closing_mails.claim(batch, now)
        if claimed is None:
            return Outcome(unchanged=1)
        transaction.on_commit(partial(closing_mails.send, claimed))
        return Outcome(changed=1)

    def give_up(self, batch: QuerySet[ClosingMail]) -> Outcome:
        return Outcome(side_changes=closing_mails.give_up(batch))

    def process(self, batch: QuerySet[DeletionRequest], now: datetime) -> Outcome:
        request = batch.select_for_update().first()
        if request is None:  # it was cancelled a moment ago
            return Outcome(unchanged=1)
        transaction.on_commit(partial(request_notices.send, request_notices.claim(request, now)))
        return Outcome(changed=1)

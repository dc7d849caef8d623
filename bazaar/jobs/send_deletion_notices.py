from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.core.checks import CheckMessage
from django.db import transaction
from django.db.models import QuerySet

from bazaar import mail, request_notices
from bazaar.models import DeletionRequest
from maintenance.api import Job, Outcome, RowStage, Verb


class SendDeletionNotices(Job):
    name = "send-deletion-notices"
    description = (
        "Send mails to persons about their open deletion requests: when one was made, and 3 days before its date."
    )
    about = (
        "Without EMAIL_URL it does nothing. No mail is sent twice. One that the server does not take is tried again "
        "by a later run. A schedule such as every quarter of an hour tells persons sooner."
    )
    schedule = "0 7 * * *"
    irreversible = False
    respects_holds = False  # requests of persons under a hold are not among those that are due
    verb = Verb("attempt", "attempted")
    noun = ("mail", "mails")

    def findings(self) -> list[CheckMessage]:
        return request_notices.failing()

    def stages(self, now: datetime) -> Sequence[RowStage[DeletionRequest]]:
        if not mail.is_configured():
            return []
        return [RowStage(request_notices.due(now), partial(self.process, now=now), largest_batch=1)]

    def process(self, batch: QuerySet[DeletionRequest], now: datetime) -> Outcome:
        request = batch.select_for_update().first()
        if request is None:  # it was cancelled a moment ago
            return Outcome(unchanged=1)
        transaction.on_commit(partial(request_notices.send, request_notices.claim(request, now)))
        return Outcome(changed=1)

"""Mails about an open deletion request: one when it was made, and one a few days before its date.

`DeletionRequest.notice_due_at` is the queue: it is written in the transaction of the request, and null where nothing is
to be sent. A mail is claimed in one transaction and sent after it. So no mail is sent twice: where the process ends
between the two, it is not sent at all. The address is read when the mail is sent, and never kept.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.checks import CheckMessage, Warning  # noqa: A004 - the name of Django
from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bazaar.listing import first_few
from bazaar.mail import MANY_ATTEMPTS, Delivery, deliver, is_configured
from bazaar.models import DeletionRequest
from bazaar.models.deletions import AWAITS_APPROVAL, DeletionRequestQuerySet

logger = logging.getLogger(__name__)

REMINDER = timedelta(days=3)
"""How long before its date the person is reminded."""
PAUSE = timedelta(minutes=15)
LONGEST_PAUSE = timedelta(days=1)


@dataclass(frozen=True)
class Claim:
    """A mail that this process alone sends: `field` has the time of the claim."""

    request: int
    field: str
    at: datetime
    attempts: int


def due(now: datetime) -> DeletionRequestQuerySet:
    """Requests about which a mail has to be sent.

    Nobody is reminded of a request that waits for an approval, and none is told of a date that has passed.
    """
    is_certain = Q(notified_at=None) | ~AWAITS_APPROVAL
    pending: DeletionRequestQuerySet = DeletionRequest.objects.pending()
    return pending.filter(is_certain, notice_due_at__lte=now, scheduled_for__gte=now)


def claim(request: DeletionRequest, now: datetime) -> Claim:
    """Claim the mail that is due, in the caller's transaction, in which the request is locked."""
    made = Claim(request.pk, "reminded_at" if request.notified_at else "notified_at", now, request.notice_attempts)
    reminder = request.scheduled_for - REMINDER
    setattr(request, made.field, now)
    request.notice_due_at = reminder if made.field == "notified_at" and reminder > now else None
    request.notice_attempts = 0
    request.save(update_fields=[made.field, "notice_due_at", "notice_attempts"])
    return made


def postpone_after_restore(now: datetime) -> None:
    """Send no mail that was due before a restore: nobody knows whether it was sent. The reminder is still to come."""
    late = DeletionRequest.objects.open().filter(notice_due_at__lte=now)
    late.filter(scheduled_for__lte=now + REMINDER).update(notice_due_at=None)
    late.update(notice_due_at=F("scheduled_for") - REMINDER)


def send(claimed: Claim) -> None:
    """Send a mail that was claimed and committed; one that the server did not take is tried again later."""
    request = DeletionRequest.objects.filter(pk=claimed.request).select_related("user").first()
    if request is None or request.user is None or request.user.anonymized_at:
        return
    subject, text = message_of(request, is_reminder=claimed.field == "reminded_at")
    delivery, error = deliver(subject, text, request.user.email)
    if delivery is Delivery.SENT:
        return
    outcome = "will be tried again" if delivery is Delivery.REFUSED else "may have arrived and is not tried again"
    logger.warning("The mail about deletion request %s could not be sent (%s). It %s.", request.pk, error, outcome)
    if delivery is Delivery.REFUSED:
        _try_again(claimed)


def message_of(request: DeletionRequest, *, is_reminder: bool) -> tuple[str, str]:
    """Return subject and text: what will happen, when, how to cancel, and the reference."""
    date = _("%(date)s UTC") % {"date": date_format(request.scheduled_for, "DATETIME_FORMAT")}
    if is_reminder:
        subject = _("Your account will be deleted soon")
        first = _("Your account with Multiverse Bazaar will be deleted after %(date)s.")
    else:
        subject = _("The deletion of your account was requested")
        first = _("The deletion of your account with Multiverse Bazaar was requested. It happens after %(date)s.")
    if request.anonymize_contributions:
        effect = _(
            "Your name, your address and everything else that says who you are will be deleted. Your projects, ideas "
            "and votes stay, shown as made by [Deleted User]."
        )
    else:
        effect = _(
            "Everything will be deleted: the account, your ideas, votes and files, and the projects of which you are "
            "the only creator."
        )
    cancel = _(
        "If you have changed your mind, or did not ask for this, reply to this e-mail before that date and name the "
        "reference. Until then you can use your account. Afterwards nothing can be brought back."
    )
    reference = _("Reference: %(reference)s") % {"reference": request.public_id}
    return subject, "\n\n".join([first % {"date": date}, effect, cancel, reference]) + "\n"


def _try_again(claimed: Claim) -> None:
    pause = min(PAUSE * 2 ** min(claimed.attempts, 10), LONGEST_PAUSE)
    mine = DeletionRequest.objects.filter(pk=claimed.request, **{claimed.field: claimed.at})
    mine.update(
        **{claimed.field: None},
        notice_due_at=timezone.now() + pause,
        notice_attempts=claimed.attempts + 1,
    )


def failing() -> list[CheckMessage]:
    """Return about which requests no mail could be sent, after several attempts."""
    rows = DeletionRequest.objects.open().filter(notice_due_at__isnull=False, notice_attempts__gte=MANY_ATTEMPTS)
    ids = first_few(rows.order_by("pk").values_list("pk", flat=True))
    if not ids or not is_configured():
        return []
    return [
        Warning(
            f"Mails about deletion requests could not be sent: {ids}.",
            hint="The log has the errors. Correct EMAIL_URL, or tell the persons in another way.",
            id="bazaar.W024",
        )
    ]

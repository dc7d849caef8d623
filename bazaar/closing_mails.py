"""The last mail to a person, after the erasure.

The erasure queues it in its transaction (`ClosingMail`), with the address encrypted, because the account has it no
more. An attempt takes the row away in one transaction and sends after it: so no mail is sent twice, and where the
process ends in between, it is not sent at all. A mail that the server refuses goes back into the queue, until `KEPT` is
over. `DeletionRequest.closing_notice` says what became of it. See `docs/decisions/0013-the-last-mail-is-queued.md`.
"""

import base64
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.checks import CheckMessage, Warning  # noqa: A004 - the name of Django
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from bazaar import mail
from bazaar.certificates.certificate import certificate_of
from bazaar.certificates.find import erased_before
from bazaar.listing import first_few
from bazaar.mail import MANY_ATTEMPTS, Delivery, deliver
from bazaar.models import ClosingMail, DeletionRequest, User
from bazaar.services import derived_key
from maintenance.api import Retention

logger = logging.getLogger(__name__)

KEPT = Retention("CLOSING_MAIL_RETENTION_DAYS", field="made_at", days=2)
PAUSE = timedelta(minutes=15)
Notice = DeletionRequest.ClosingNotice


@dataclass(frozen=True)
class Claim:
    """A mail that this process alone sends, and whose row is gone."""

    request: int
    address: str
    made_at: datetime
    attempts: int


def address_of(request: DeletionRequest) -> str | None:
    """Return the address of the account before its erasure; `None` where mail is not configured."""
    if not mail.is_configured():
        return None
    return User.objects.filter(pk=request.user_pk, anonymized_at=None).values_list("email", flat=True).first()


def queue(request: DeletionRequest, address: str | None) -> None:
    """Queue the mail in the transaction of the erasure; the first attempt follows its commit.

    Who is erased again after a restore got it, as far as anybody can tell, after the first erasure.
    """
    if not address:
        DeletionRequest.objects.filter(pk=request.pk).update(closing_notice=Notice.NOT_CONFIGURED)
        return
    if erased := erased_before(request):
        outcome = {"closing_notice": Notice.UNSURE, "closing_notice_at": erased}
        DeletionRequest.objects.filter(pk=request.pk).update(**outcome)
        return
    now = timezone.now()
    _put(Claim(request.pk, address, now, 0), now)
    transaction.on_commit(partial(_attempt, request.pk))


def due(now: datetime) -> QuerySet[ClosingMail]:
    """Return the mails of which another attempt is to be made."""
    return ClosingMail.objects.filter(due_at__lte=now, made_at__gte=KEPT.cutoff(now))


def expired(now: datetime) -> QuerySet[ClosingMail]:
    """Return the mails that were not sent in time."""
    return ClosingMail.objects.filter(made_at__lt=KEPT.cutoff(now))


def give_up(mails: QuerySet[ClosingMail]) -> int:
    """Delete mails that are not sent any more, and tell it in their requests; return how many."""
    requests = list(mails.select_for_update().values_list("request", flat=True))
    DeletionRequest.objects.filter(pk__in=requests).update(closing_notice=Notice.NOT_SENT)
    ClosingMail.objects.filter(request__in=requests).delete()
    return len(requests)


def drop_after_restore() -> None:
    """Send no mail that waited in a backup: nobody knows whether it was sent since."""
    for row in ClosingMail.objects.all():
        outcome = {"closing_notice": Notice.UNSURE, "closing_notice_at": row.made_at}
        DeletionRequest.objects.filter(pk=row.request_id).update(**outcome)
        row.delete()


def claim(mails: QuerySet[ClosingMail], now: datetime) -> Claim | None:
    """Take one of some mails out of the queue, in the caller's transaction; `None` where somebody else has it."""
    row = mails.select_for_update().first()
    if row is None:
        return None
    address = _opened(row.sealed_address)
    outcome = Notice.UNSURE if address else Notice.NOT_SENT
    DeletionRequest.objects.filter(pk=row.request_id).update(closing_notice=outcome, closing_notice_at=now)
    row.delete()
    return Claim(row.request_id, address, row.made_at, row.attempts) if address else None


def send(claimed: Claim) -> None:
    """Send a mail that was claimed and committed; one that the server did not take goes back into the queue."""
    request = DeletionRequest.objects.get(pk=claimed.request)
    delivery, error = deliver(_("Your account has been deleted"), _text(request), claimed.address)
    if delivery is Delivery.SENT:
        DeletionRequest.objects.filter(pk=claimed.request).update(closing_notice=Notice.SENT)
        return
    outcome = "will be tried again" if delivery is Delivery.REFUSED else "may have arrived and is not tried again"
    logger.warning("The mail about deletion request %s could not be sent (%s). It %s.", request.pk, error, outcome)
    if delivery is Delivery.REFUSED:
        with transaction.atomic():
            _put(
                Claim(claimed.request, claimed.address, claimed.made_at, claimed.attempts + 1),
                timezone.now() + PAUSE * 2 ** min(claimed.attempts, 5),
            )


def failing() -> list[CheckMessage]:
    """Return after which erasures the last mail could not be sent, after several attempts."""
    rows = ClosingMail.objects.filter(attempts__gte=MANY_ATTEMPTS)
    requests = first_few(rows.order_by("request").values_list("request", flat=True))
    if not requests:
        return []
    return [
        Warning(
            f"The last mails about deletion requests could not be sent: {requests}.",
            hint=f"The log has the errors. Correct EMAIL_URL: each is tried again until it is {KEPT} old, "
            "and then its address is deleted.",
            id="bazaar.W026",
        )
    ]


def _attempt(request_id: int) -> None:
    """Make the first attempt. The account is deleted already, so an error here is no error of the run."""
    try:
        with transaction.atomic():
            claimed = claim(ClosingMail.objects.filter(request=request_id), timezone.now())
        if claimed:
            send(claimed)
    except Exception as error:  # its text may quote the address
        name = type(error).__qualname__
        logger.warning("The mail about deletion request %s could not be sent (%s).", request_id, name)


def _put(claimed: Claim, due_at: datetime) -> None:
    ClosingMail.objects.create(
        request_id=claimed.request,
        sealed_address=_fernet().encrypt(claimed.address.encode()).decode(),
        made_at=claimed.made_at,
        due_at=due_at,
        attempts=claimed.attempts,
    )
    DeletionRequest.objects.filter(pk=claimed.request).update(closing_notice=Notice.QUEUED, closing_notice_at=None)


def _opened(sealed: str) -> str:
    """Return the address; a blank one where the key is another one than when it was sealed."""
    try:
        return _fernet().decrypt(sealed.encode()).decode()
    except InvalidToken:
        return ""


def _fernet() -> Fernet:
    key = bytes.fromhex(derived_key(settings.SECRET_KEY, "closing mail"))
    return Fernet(base64.urlsafe_b64encode(key))


def _text(request: DeletionRequest) -> str:
    """Say what was done, what stays and why, and the reference by which it is found again."""
    certificate = certificate_of(request)
    stays = [f"- {line.stays}" for line in certificate.categories if line.stays]
    paragraphs = [
        _("Your account with Multiverse Bazaar has been deleted, as you requested."),
        certificate.mode_in_words,
        _("These records stay, without your name and your address:\n%(records)s") % {"records": "\n".join(stays)},
        _("Backups have the former data until %(date)s.") % {"date": certificate.backups_expire_on.isoformat()},
        _("Reference: %(reference)s. This is the last e-mail from us.") % {"reference": certificate.reference},
    ]
    return "\n\n".join(paragraphs) + "\n"

"""The deletion notice: a mail to the owner of a deleted account.

The mail is sent once, because the address is no longer in the database then. A failure changes nothing. It is logged
without its text, because texts of SMTP errors contain the address.
"""

import logging
from functools import partial

from django.core.mail import send_mail
from django.db import transaction
from django.utils.translation import gettext as _

from bazaar import mail
from bazaar.certificates.certificate import certificate_of
from bazaar.models import DeletionRequest, User

logger = logging.getLogger(__name__)


def address_of(request: DeletionRequest) -> str | None:
    """Return the address of the account before its erasure; `None` where mail is not configured."""
    if not mail.is_configured():
        return None
    return User.objects.filter(pk=request.user_pk, anonymized_at=None).values_list("email", flat=True).first()


def send_after_commit(request: DeletionRequest, address: str | None) -> None:
    """Send the notice once the transaction is committed."""
    if address:
        transaction.on_commit(partial(_send, request.pk, address))


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


def _send(request_id: int, address: str) -> None:
    try:
        send_mail(
            subject=_("Your account has been deleted"),
            message=_text(DeletionRequest.objects.get(pk=request_id)),
            from_email=None,
            recipient_list=[address],
        )
    except Exception as error:  # any error of a mail server: the account is deleted already
        logger.warning(
            "The mail about deletion request %s could not be sent (%s).", request_id, type(error).__qualname__
        )

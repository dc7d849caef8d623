"""The last mail: an account was deleted, as its owner asked for.

The address is gone from the database when the mail is sent, so it is tried once. A mail that fails changes nothing, and
what is logged of the failure quotes nobody: texts of SMTP errors hold the address.
"""

import logging
from functools import partial

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils.translation import gettext as _

from bazaar.models import DeletionRequest, User

logger = logging.getLogger(__name__)

NO_MAIL = "django.core.mail.backends.dummy.EmailBackend"


def address_of(request: DeletionRequest) -> str | None:
    """Return where the person can be told, as long as they are there; `None` where mail is not configured."""
    if settings.EMAIL_BACKEND == NO_MAIL:
        return None
    return User.objects.filter(pk=request.user_pk, anonymized_at=None).values_list("email", flat=True).first()


def send_after_commit(request: DeletionRequest, address: str | None) -> None:
    """Tell the person, once the transaction has been committed."""
    if address:
        transaction.on_commit(partial(_send, request.pk, address))


def _send(request_id: int, address: str) -> None:
    try:
        send_mail(
            subject=_("Your account has been deleted"),
            message=_(
                "Your account with Multiverse Bazaar has been deleted, as you asked for.\n\n"
                "We keep nothing of it that says who you are. This is the last mail that you get from us.\n"
            ),
            from_email=None,
            recipient_list=[address],
        )
    except Exception as error:  # whatever a mail server makes of it: the account is gone
        logger.warning(
            "The mail about deletion request %s could not be sent (%s).", request_id, type(error).__qualname__
        )

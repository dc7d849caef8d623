"""Send one mail, and tell whether the server has taken it: a mail that may have arrived is not sent again."""

from contextlib import suppress
from enum import Enum
from smtplib import SMTPRecipientsRefused, SMTPResponseException

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

NOWHERE = "django.core.mail.backends.dummy.EmailBackend"
MANY_ATTEMPTS = 2
"""After so many refusals of one mail the doctor tells."""


class Delivery(Enum):
    SENT = "sent"
    REFUSED = "refused"
    """The server has not taken it."""
    UNKNOWN = "unknown"
    """The connection was lost on the way: nobody knows."""


def is_configured() -> bool:
    return bool(settings.EMAIL_BACKEND != NOWHERE)


def deliver(subject: str, text: str, address: str) -> tuple[Delivery, str]:
    """Send a mail; return what became of it, and the class of the error. Its text quotes the address."""
    connection = get_connection()
    try:
        connection.open()
    except Exception as error:  # any error of a mail server
        return Delivery.REFUSED, type(error).__qualname__
    try:
        EmailMessage(subject, text, None, [address], connection=connection).send()
    except (SMTPResponseException, SMTPRecipientsRefused) as error:
        return Delivery.REFUSED, type(error).__qualname__
    except Exception as error:  # the connection was lost, perhaps after the server had the mail
        return Delivery.UNKNOWN, type(error).__qualname__
    finally:
        with suppress(Exception):
            connection.close()
    return Delivery.SENT, ""

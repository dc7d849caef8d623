"""The words of the ledger: nothing else can be written into it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What an entry says: the first group decides, the second one is about other entries."""

    REQUESTED = "requested", _("Requested")
    CANCELLED = "cancelled", _("Cancelled")
    HELD = "held", _("Held")
    RELEASED = "released", _("Released")
    ERASING = "erasing", _("Erasing")
    REPLAYED = "replayed", _("Replayed")
    RESTARTED = "restarted", _("Restarted")

    CONFIRMED = "confirmed", _("Confirmed")
    ERASED = "erased", _("Erased")
    UNPROVEN = "unproven", _("Cannot be proven")
    ROLLED_BACK = "rolled_back", _("Rolled back")
    EXPIRED = "expired", _("Expired")


DECISIONS = (
    Kind.REQUESTED,
    Kind.CANCELLED,
    Kind.HELD,
    Kind.RELEASED,
    Kind.ERASING,
    Kind.REPLAYED,
    Kind.RESTARTED,
)
"""Entries that are written before the main database commits."""
CONFIRMATIONS = (Kind.CONFIRMED, Kind.ERASED, Kind.UNPROVEN)
"""Entries that say that it has committed."""


class LedgerMode(models.TextChoices):
    ANONYMISE = "anonymise", _("Anonymise")
    DELETE = "delete", _("Delete")


class CancelReason(models.TextChoices):
    """Why a deletion request is cancelled."""

    CHANGED_MIND = "changed_mind", _("The person changed their mind")
    BY_MISTAKE = "by_mistake", _("The request was made by mistake")
    NOT_THE_OWNER = "not_the_owner", _("The request was not made by the owner of the account")


class Channel(models.TextChoices):
    """How a deletion request came in. The ledger does not have it."""

    SITE = "site", _("On the site, by the person")
    EMAIL = "email", _("By e-mail")
    LETTER = "letter", _("By letter")
    PHONE = "phone", _("By telephone")
    IN_PERSON = "in_person", _("In person")
    OTHER = "other", _("In another way")


ENTERED = [choice for choice in Channel.choices if choice[0] != Channel.SITE]
"""How a request came in that somebody else enters for the person."""


class HoldReason(models.TextChoices):
    """Why the data of a person has to be kept for now."""

    LEGAL_CLAIM = "legal_claim", _("Legal claims are made or defended")
    AUTHORITY = "authority", _("An authority or a court has ordered it")
    LEGAL_DUTY = "legal_duty", _("A law demands that it is kept")
    INVESTIGATION = "investigation", _("Abuse or a security incident is investigated")


REASONS = (*CancelReason.values, "legal_hold", *HoldReason.values)
"""Of cancellations and holds; a legal hold was a reason to cancel once."""


class RecordCategory(models.TextChoices):
    """Kinds of records, as a person would name them. Counts are told by them."""

    ACCOUNT = "account", _("Account and profile")
    ACCESS = "access", _("Log-in and devices")
    CONSENT = "consent", _("Consents")
    MESSAGES = "messages", _("Notifications")
    INVITATIONS = "invitations", _("Invitations")
    CONTRIBUTIONS = "contributions", _("Projects, ideas and votes")
    FILES = "files", _("Files")
    ACTIVITY = "activity", _("Logs of activity")
    REQUESTS = "requests", _("Requests about the account")
    OPERATION = "operation", _("Operation of the program")


class ClosingNotice(models.TextChoices):
    """What became of the last mail to a person."""

    NOT_CONFIGURED = "not_configured", _("No mail was configured")
    QUEUED = "queued", _("Queued")
    SENT = "sent", _("Sent")
    UNSURE = "unsure", _("May have arrived")
    NOT_SENT = "not_sent", _("Not sent")

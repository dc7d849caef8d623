"""A backup of the tables that decisions change, and decisions as short as a test wants them."""

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from bazaar.decisions.models import LedgerMark
from bazaar.deletion_requests import make_request
from bazaar.holds.models import Hold
from bazaar.holds.service import set_hold
from bazaar.models import ClosingMail, DeletionRequest, User, UserFormerEmail

REVIEW = date(2999, 1, 1)
TABLES = (LedgerMark, ClosingMail, Hold, DeletionRequest, UserFormerEmail, User)


class Backup:
    """The rows of the tables that decisions change, as they were."""

    def __init__(self):
        self.rows = {model: list(model._base_manager.order_by("pk")) for model in TABLES}

    def restore(self):
        with transaction.atomic():
            User._base_manager.update(deleted_at=timezone.now())
            for model in TABLES:
                model._base_manager.all()._raw_delete("default")
            for model in reversed(TABLES):
                model._base_manager.bulk_create(self.rows[model])


def ask(user, **options):
    return make_request(user, **options)


def ask_long_ago(user, **options):
    return ask(user, now=timezone.now() - timedelta(days=40), **options)


def hold(user):
    return set_hold(user, reason="legal_claim", review_on=REVIEW)


def status_of(user):
    return DeletionRequest.objects.filter(user_pk=user.pk).values_list("status", flat=True).last()

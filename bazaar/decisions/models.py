"""What the main database knows of the ledger: one row."""

import uuid
from typing import Any

from django.apps.registry import Apps, apps as current_apps
from django.db import models

from bazaar.ledger.router import ALIAS

ONLY = 1
"""The primary key of the one row."""


class LedgerMark(models.Model):
    """The last entry that this database has seen. A dump of the database has it too."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    origin = models.UUIDField(
        default=uuid.uuid4, help_text="Names this database, and the backups of it, in the ledger."
    )
    number = models.BigIntegerField(default=0, help_text="The last decision that is in this database.")
    digest = models.CharField(max_length=64, blank=True)
    settled = models.BigIntegerField(default=0, help_text="Up to here, each decision is confirmed or rolled back.")

    class Meta:
        verbose_name = "mark of the ledger"
        verbose_name_plural = "marks of the ledger"
        constraints = [models.CheckConstraint(condition=models.Q(id=ONLY), name="ledger_mark_is_one")]

    def __str__(self) -> str:
        return f"ledger entry {self.number}"


def name_database(using: str = "default", apps: Apps = current_apps, **_kwargs: Any) -> None:
    """Give the database its name, before there can be a backup of it (a receiver of `post_migrate`)."""
    if using != ALIAS and "decisions" in apps.app_configs:  # not where its migrations are undone
        apps.get_model("decisions", "LedgerMark").objects.using(using).get_or_create(pk=ONLY)


class ReturnedAddress(models.Model):
    """A place in which the address of an erased person stands again, found by its digest; the address is not kept."""

    model = models.CharField(max_length=100)
    field = models.CharField(max_length=100)
    row = models.CharField(max_length=64)
    entry = models.BigIntegerField(help_text="The ledger entry of the erasure.")
    found_at = models.DateTimeField()

    class Meta:
        verbose_name = "returned address"
        verbose_name_plural = "returned addresses"
        constraints = [models.UniqueConstraint(fields=["model", "field", "row"], name="returned_address_once")]

    def __str__(self) -> str:
        return f"returned address {self.pk}"

"""Legal holds on persons."""

import uuid
from datetime import date, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bazaar.ledger.choices import HoldReason
from bazaar.models import DeletionRequest


def in_half_a_year() -> date:
    """Return when a hold that is set now should be reviewed."""
    return timezone.now().date() + timedelta(days=182)


class HoldQuerySet(models.QuerySet["Hold"]):
    def active(self) -> "HoldQuerySet":
        """Holds that last."""
        return self.filter(status=Hold.Status.ACTIVE)


class Hold(models.Model):
    """A person whose data is kept until somebody releases it."""

    class Status(models.TextChoices):
        RELEASED = "released", _("Released")
        ACTIVE = "active", _("Active")

    Reason = HoldReason

    public_id = models.UUIDField(
        default=uuid.uuid4, unique=True, editable=False, help_text="Names the hold in the ledger."
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="holds"
    )
    request = models.ForeignKey(DeletionRequest, on_delete=models.SET_NULL, null=True, blank=True, related_name="holds")
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    reason = models.CharField(max_length=20, choices=HoldReason)
    set_at = models.DateTimeField(default=timezone.now)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    review_on = models.DateField(
        default=in_half_a_year, help_text="When somebody has to decide whether it is still needed."
    )
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects: ClassVar = HoldQuerySet.as_manager()

    class Meta:
        verbose_name = "legal hold"
        indexes = [
            models.Index(fields=["user"], condition=models.Q(status="active"), name="hold_active"),
            models.Index(fields=["released_at", "id"], name="hold_released_at"),
        ]

    def __str__(self) -> str:
        return f"legal hold {self.pk}"

    @property
    def is_active(self) -> bool:
        return self.status == self.Status.ACTIVE

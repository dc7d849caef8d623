"""The last mail to a person: what is queued of it, until the mail server has taken it."""

from django.db import models
from django.utils import timezone

from bazaar.models.deletions import DeletionRequest


class ClosingMail(models.Model):
    """A last mail that waits for another attempt. It has the only copy of the address, encrypted."""

    request = models.OneToOneField(DeletionRequest, on_delete=models.CASCADE, related_name="closing_mail")
    sealed_address = models.TextField(help_text="The address, encrypted with a key that is in no database.")
    made_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(help_text="When the next attempt is made.")
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = "last mail"
        indexes = [
            models.Index(fields=["made_at"], name="closing_mail_made_at"),
            models.Index(fields=["due_at"], name="closing_mail_due_at"),
        ]

    def __str__(self) -> str:
        return f"last mail {self.pk}"

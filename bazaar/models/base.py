"""What all models of the domain share."""

from django.db import models
from django.utils import timezone


class Record(models.Model):
    """Base of every model: a creation time, and a text form that gives nothing of a person away."""

    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class EditableRecord(Record):
    """A record that people edit after they made it."""

    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True

"""What all models of the domain share."""

from typing import Any

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


def by_age(field: str, **options: Any) -> models.Index:
    """Return an index of a table that is cleared by age: by a moment, with the primary key beside it.

    How much is past a limit, and which rows these are, is then answered by the index alone.
    """
    return models.Index(fields=[field, "id"], **options)

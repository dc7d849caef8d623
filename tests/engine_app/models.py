from uuid import uuid4

from django.db import models
from django.utils import timezone


class Item(models.Model):
    """A row of no meaning, for jobs to process. `seen_at` is its age, and `code` a key that SQLite stores as text."""

    label = models.CharField(max_length=100, unique=True)
    code = models.UUIDField(default=uuid4)
    seen_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"item {self.pk}"

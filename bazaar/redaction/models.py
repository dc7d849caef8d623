"""The rules by which metadata of audit logs was examined."""

from django.db import models


class CleaningRule(models.Model):
    """A rule for what is personal in metadata: the program's own version of it, and the site's settings.

    `AuditLog.cleaned_version` tells which rule examined a log. Its last two digits
    count the rules of a version of the cleaner, which is the rest of the number.
    """

    id = models.PositiveSmallIntegerField(primary_key=True)
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name = "cleaning rule"

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

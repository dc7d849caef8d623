"""The search of everybody's texts for the addresses of those whose deletion is due: how far it is, and what it found.

None of it says anything about a person: requests, models and keys of rows.
"""

from django.db import models

from bazaar.models.deletions import DeletionRequest


class ErasureSearch(models.Model):
    """One search, for the requests that were due when it began; deleted when none of them is pending any more.

    It began when the oldest transaction did that was still writing then: what that one has written, it does not see.
    """

    began_at = models.DateTimeField()
    requests = models.JSONField(default=list, help_text="Ids of deletion requests.")
    last_keys = models.JSONField(default=dict, help_text="By model; rows with higher keys are new.")

    class Meta:
        verbose_name = "search for an erasure"
        verbose_name_plural = "searches for an erasure"

    def __str__(self) -> str:
        return f"search for an erasure {self.pk}"


class ErasureSearchPart(models.Model):
    """A part of a table that is still to be searched: `rows`, or those whose keys are above `after`, up to `last`."""

    search = models.ForeignKey(ErasureSearch, on_delete=models.CASCADE, related_name="parts")
    model = models.CharField(max_length=100)
    after = models.CharField(max_length=64, null=True)  # noqa: DJ001 - null is "from the first"
    last = models.CharField(max_length=64, null=True)  # noqa: DJ001 - null is "to the last"
    rows = models.JSONField(default=list, help_text="Keys of rows, where an index has told them.")

    class Meta:
        verbose_name = "part of a search"
        verbose_name_plural = "parts of a search"

    def __str__(self) -> str:
        return f"part of a search {self.pk}"


class ErasureSearchHit(models.Model):
    """A row that holds an address of somebody whose deletion is due."""

    search = models.ForeignKey(ErasureSearch, on_delete=models.CASCADE, related_name="hits")
    request = models.ForeignKey(DeletionRequest, on_delete=models.CASCADE, related_name="+")
    model = models.CharField(max_length=100)
    row = models.CharField(max_length=64)

    class Meta:
        verbose_name = "row found by a search"
        verbose_name_plural = "rows found by a search"

    def __str__(self) -> str:
        return f"row found by a search {self.pk}"


class ChangedRow(models.Model):
    """A row that was changed and may hold an address now; triggers write it (`bazaar.erasure.change_marks`)."""

    model = models.CharField(max_length=100)
    row = models.CharField(max_length=64)

    class Meta:
        verbose_name = "changed row"
        verbose_name_plural = "changed rows"

    def __str__(self) -> str:
        return f"changed row {self.pk}"

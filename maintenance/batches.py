"""Batches: which rows come next, and how many at a time."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

SMALLEST, LARGEST = 10, 5_000
FIRST = 100
PAGE = 50_000
"""Primary keys that are looked up at a time. For a few of them the database would walk a table to find the first."""


class BatchSize:
    """The number of rows of a batch, adapted so that one takes about `MAINTENANCE_BATCH_SECONDS`."""

    def __init__(self, largest: int | None = None) -> None:
        self._largest = largest or LARGEST
        self._smallest = min(SMALLEST, self._largest)
        self.value = min(FIRST, self._largest)

    def learn(self, rows: int, seconds: float) -> None:
        """Take in that a batch of `rows` took `seconds`; a single step is at most fourfold either way."""
        target = rows * settings.MAINTENANCE_BATCH_SECONDS / max(seconds, 1e-6)
        within_a_step = max(self.value / 4, min(self.value * 4, target))
        self.value = int(max(self._smallest, min(self._largest, within_a_step)))


def keys_after(due: QuerySet[Any], last: Any, size: int) -> list[Any]:
    """Return the next `size` primary keys of `due` beyond `last`, in order."""
    ordered = due.order_by("pk")
    if last is not None:
        ordered = ordered.filter(pk__gt=last)
    return list(ordered.values_list("pk", flat=True)[:size])


class Keys:
    """The primary keys of `due` in order, by keyset, so that each is offered once."""

    def __init__(self, due: QuerySet[Any]) -> None:
        self._due = due
        self._page: list[Any] = []
        self._last: Any = None
        self._is_at_end = False

    def take(self, size: int) -> list[Any]:
        """Return the next `size` keys; where there are fewer, they are the last ones."""
        if len(self._page) < size and not self._is_at_end:
            wanted = max(size, PAGE)
            found = keys_after(self._due, self._last, wanted)
            self._is_at_end = len(found) < wanted
            self._page += found
            self._last = found[-1] if found else self._last
        keys, self._page = self._page[:size], self._page[size:]
        return keys


def between(due: QuerySet[Any], keys: list[Any]) -> QuerySet[Any]:
    """Return the rows of `due` from the first to the last of `keys`, looked at afresh: some may be due no more."""
    return due.filter(pk__gte=keys[0], pk__lte=keys[-1])


def halves(keys: list[Any]) -> Iterator[list[Any]]:
    """Split a batch in two, to find the rows that made it fail."""
    middle = len(keys) // 2
    yield keys[:middle]
    yield keys[middle:]

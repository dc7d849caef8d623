"""Batches: which rows come next, and how many at a time."""

from collections.abc import Generator, Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from maintenance.job import Stage

SMALLEST, LARGEST = 10, 5_000
FIRST = 100
WEIGHT = 0.5
"""Of the latest batch, in what is known of the rows per second."""
PAGE = 5_000
"""Primary keys that are fetched at a time."""


class BatchSize:
    """The number of rows of a batch, adapted so that one takes about `MAINTENANCE_BATCH_SECONDS`."""

    def __init__(self, largest: int | None = None) -> None:
        self._largest = largest or LARGEST
        self._smallest = min(SMALLEST, self._largest)
        self._rate: float | None = None
        self.value = min(FIRST, self._largest)

    def learn(self, rows: int, seconds: float) -> None:
        """Take in that a batch of `rows` took `seconds`; a single step is at most fourfold either way.

        One batch that took its time changes little; one that took more than twice as long as it should is believed.
        """
        target = settings.MAINTENANCE_BATCH_SECONDS
        rate = rows / max(seconds, 1e-6)
        if self._rate is None or seconds > 2 * target:
            self._rate = rate
        else:
            self._rate += (rate - self._rate) * WEIGHT
        within_a_step = max(self.value / 4, min(self.value * 4, self._rate * target))
        self.value = int(max(self._smallest, min(self._largest, within_a_step)))


def keys_after(due: QuerySet[Any], last: Any, size: int) -> list[Any]:
    """Return the next `size` primary keys of `due` beyond `last`, in order."""
    ordered = due.order_by("pk")
    if last is not None:
        ordered = ordered.filter(pk__gt=last)
    return list(ordered.values_list("pk", flat=True)[:size])


def all_keys(due: QuerySet[Any], *, streams: bool) -> Generator[Any]:
    """Yield the primary keys of `due` in order, each once, whatever becomes of the rows meanwhile.

    `streams`: by one query, whose answer the database keeps (PostgreSQL: a cursor `WITH HOLD`). It is planned for all
    that is due; for the first few only, the database may well walk a whole table to find them. Otherwise by keyset.
    """
    if streams:
        yield from _streamed(due)
        return
    keys = keys_after(due, None, PAGE)
    while keys:
        yield from keys
        keys = keys_after(due, keys[-1], PAGE)


def _streamed(due: QuerySet[Any]) -> Generator[Any]:
    # Not `iterator()`: what goes wrong when its cursor is closed can be told to nobody.
    try:
        query = due.order_by("pk").values_list("pk").query.sql_with_params()
    except EmptyResultSet:
        return
    with connection.chunked_cursor() as cursor:
        cursor.execute(*query)
        while rows := cursor.fetchmany(PAGE):
            yield from (key for (key,) in rows)


def batch_of(stage: Stage[Any], keys: list[Any]) -> Any:
    """Return a batch in the form in which the stage takes it.

    These are the rows, looked at afresh: from the first to the last key, as far as they are still due. Or, where to ask
    that of a few costs as much as finding all, the keys.
    """
    return stage.due.filter(pk__gte=keys[0], pk__lte=keys[-1]) if stage.looks_again else keys


def halves(keys: list[Any]) -> Iterator[list[Any]]:
    """Split a batch in two, to find the rows that made it fail."""
    middle = len(keys) // 2
    yield keys[:middle]
    yield keys[middle:]

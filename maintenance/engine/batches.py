"""Batches: which rows one holds, and how many at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from maintenance.conf import settings
from maintenance.core.array_lookup import in_array
from maintenance.core.job import Stage

SMALLEST, LARGEST = 10, 5_000
FIRST = 100
STEP_UP, STEP_DOWN = 10, 4
"""By how much a batch may be larger or smaller than the one before it."""
AHEAD = 10
"""What is done ahead of a batch holds no lock, and may take so many times as long; who stops a run waits for it."""
WEIGHT = 0.5
"""Of the latest batch, in what is known of the rows per second."""


@dataclass(frozen=True)
class Batch:
    """The rows of a stage with a primary key from `first` to `last`, which were `rows` when the stage began.

    `keys` are theirs, in order, where they were read. `seen` is what the stage's `ahead` said of the rows, after
    `seconds_ahead`.
    """

    first: Any
    last: Any
    rows: int
    is_last: bool = False
    keys: list[Any] | None = None
    seen: Any = None
    seconds_ahead: float = 0.0

    @classmethod
    def of(cls, keys: list[Any], *, is_last: bool = False) -> "Batch":
        """Return the batch with these keys, which are in order."""
        return cls(keys[0], keys[-1], len(keys), is_last, keys)

    def still(self, due: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows of the batch, as far as they are still due."""
        return (
            due.filter(pk__gte=self.first, pk__lte=self.last) if self.keys is None else due.filter(in_array(self.keys))
        )

    def given_to(self, stage: Stage[Any]) -> Any:
        """Return the batch in the form in which the stage takes it.

        These are the rows, looked at afresh. Or, where to ask whether a few are due costs as much as finding all, the
        keys.
        """
        return self.still(stage.due) if stage.looks_again else self.keys

    def halves(self, due: QuerySet[Any]) -> Iterator["Batch"]:
        """Split what is still due of a batch in two, to find the rows that made it fail; a single one is not split."""
        keys = keys_of(self.still(due)) if self.keys is None else self.keys
        middle = len(keys) // 2
        yield from (Batch.of(half) for half in (keys[:middle], keys[middle:]) if half)


class BatchSize:
    """The number of rows of a batch, adapted so that one takes about `MAINTENANCE_BATCH_SECONDS`."""

    def __init__(self, largest: int | None = None) -> None:
        self._largest = largest or LARGEST
        self._smallest = min(SMALLEST, self._largest)
        self._rate: float | None = None
        self.value = min(FIRST, self._largest)

    def learn(self, rows: int, seconds: float, seconds_ahead: float = 0.0) -> None:
        """Take in that a batch of `rows` took `seconds`, and what was done ahead of it `seconds_ahead`.

        One batch that took its time changes little; one that took more than twice as long as it should is believed.
        """
        target = settings.MAINTENANCE_BATCH_SECONDS
        seconds = max(seconds, seconds_ahead / AHEAD)
        rate = rows / max(seconds, 1e-6)
        if self._rate is None or seconds > 2 * target:
            self._rate = rate
        else:
            self._rate += (rate - self._rate) * WEIGHT
        within_a_step = max(self.value / STEP_DOWN, min(self.value * STEP_UP, self._rate * target))
        self.value = int(max(self._smallest, min(self._largest, within_a_step)))


def keys_of(due: QuerySet[Any], number: int | None = None) -> list[Any]:
    """Return the first `number` primary keys of `due`, or all, in order."""
    return list(due.order_by("pk").values_list("pk", flat=True)[:number])

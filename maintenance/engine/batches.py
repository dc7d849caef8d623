"""Batches: their content, the form in which a stage gets one, and the size of the next one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from maintenance.conf import settings
from maintenance.core import holds
from maintenance.core.array_lookup import in_array
from maintenance.core.stages import AnyStage, FileStage, KeyStage, Outcome, PrefetchStage, Preview

SMALLEST, LARGEST = 10, 5_000
FIRST = 100
STEP_UP, STEP_DOWN = 10, 4
"""The largest factors by which the size of a batch may grow or shrink."""
PREFETCH_SHARE = 10
"""Prefetching holds no lock, so it may take this many times as long as a batch."""
WEIGHT = 0.5
"""The weight of the latest batch in the average of rows per second."""


@dataclass(frozen=True)
class Batch:
    """Units of a stage: the rows with a primary key from `first` to `last`, or those with `keys`, or files.

    `rows` is their number when they were found. Of a `FileStage`, `keys` are the files themselves. `prefetched` is the
    result of the stage's `prefetch`, which took `prefetch_seconds`.
    """

    first: Any
    last: Any
    rows: int
    is_last: bool = False
    keys: list[Any] | None = None
    prefetched: Any = None
    prefetch_seconds: float = 0.0

    @classmethod
    def of(cls, keys: list[Any], *, is_last: bool = False) -> "Batch":
        """Return the batch with these keys, which are in order."""
        return cls(keys[0], keys[-1], len(keys), is_last, keys)

    def still(self, due: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows of the batch that are still due."""
        return (
            due.filter(pk__gte=self.first, pk__lte=self.last) if self.keys is None else due.filter(in_array(self.keys))
        )

    def halves(self, stage: AnyStage) -> Iterator["Batch"]:
        """Split the units of a batch that are still due into two halves; a single unit is one half."""
        keys = self.keys
        if keys is None and not isinstance(stage, FileStage):
            keys = keys_of(self.still(stage.due))
        keys = keys or []
        middle = len(keys) // 2
        yield from (Batch.of(half) for half in (keys[:middle], keys[middle:]) if half)


def process(stage: AnyStage, batch: Batch) -> Outcome:
    """Let a stage process a batch, in the form in which it takes one."""
    if isinstance(stage, PrefetchStage):
        return stage.process(batch.still(stage.due), batch.prefetched)
    if isinstance(stage, KeyStage):
        return stage.process(holds.free_keys(stage, batch.keys or []))
    if isinstance(stage, FileStage):
        assert stage.process is not None and batch.keys is not None  # noqa: S101, PT018 # a source of files gave it # nosec B101
        return stage.process(batch.keys)
    return stage.process(batch.still(stage.due))


def preview(stage: AnyStage, batch: Batch) -> Preview:
    """Return a stage's preview of a batch."""
    assert stage.preview is not None  # noqa: S101 - the caller asks only stages that have one # nosec B101
    if isinstance(stage, KeyStage | FileStage):
        return stage.preview(batch.keys or [])
    return stage.preview(batch.still(stage.due))


class BatchSize:
    """The number of rows of a batch, adapted so that one takes about `MAINTENANCE_BATCH_SECONDS`."""

    def __init__(self, largest: int | None = None) -> None:
        self._largest = largest or LARGEST
        self._smallest = min(SMALLEST, self._largest)
        self._rate: float | None = None
        self.value = min(FIRST, self._largest)

    def learn(self, rows: int, seconds: float, prefetch_seconds: float = 0.0) -> None:
        """Adapt to a batch of `rows` that took `seconds`, after prefetching for it took `prefetch_seconds`.

        One slow batch changes the size a little; a batch that took more than twice the wanted time sets it at once.
        """
        target = settings.MAINTENANCE_BATCH_SECONDS
        seconds = max(seconds, prefetch_seconds / PREFETCH_SHARE)
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

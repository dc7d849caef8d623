"""The log of a run: what it did at which time, within a few dozen numbers, however long it takes.

Batches stand in groups of the same number, which doubles when there are too many groups. It is saved with the counts of
each batch, in the statement of the fence, and quotes no error.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

MOST_GROUPS = 32
MOST_EVENTS = 24


class Event(StrEnum):
    """What happens in a run beside its batches."""

    COUNTED = "counted"
    SECOND_TRY = "second_try"
    SPLIT = "split"
    UNIT_FAILED = "unit_failed"
    RECONNECTED = "reconnected"
    OUT_OF_TIME = "out_of_time"


@dataclass(frozen=True)
class BatchGroup:
    """Some batches in a row. `at` is the end of the last one, in seconds after the start of the run."""

    at: float
    batches: int
    rows: int
    longest: float

    def __add__(self, other: "BatchGroup") -> "BatchGroup":
        return BatchGroup(
            other.at, self.batches + other.batches, self.rows + other.rows, max(self.longest, other.longest)
        )


@dataclass(frozen=True)
class RunLog:
    """`events` are first time, name and number of those of one name in a row; `more` are those that are not kept."""

    groups: tuple[BatchGroup, ...] = ()
    size: int = 1
    events: tuple[tuple[float, str, int], ...] = ()
    more: int = 0

    def with_batch(self, at: float, rows: int, seconds: float) -> Self:
        """Return the log with one batch more, which ended `at` and took some `seconds`."""
        groups, size, batch = self.groups, self.size, BatchGroup(at, 1, rows, seconds)
        if groups and groups[-1].batches < size:
            return replace(self, groups=(*groups[:-1], groups[-1] + batch))
        if len(groups) == MOST_GROUPS:
            groups, size = tuple(map(BatchGroup.__add__, groups[::2], groups[1::2])), 2 * size
        return replace(self, groups=(*groups, batch), size=size)

    def with_event(self, at: float, event: Event) -> Self:
        """Return the log with one event more; those of one kind that follow each other are one entry."""
        if self.events and self.events[-1][1] == event and not self.more:
            first, name, number = self.events[-1]
            return replace(self, events=(*self.events[:-1], (first, name, number + 1)))
        if len(self.events) == MOST_EVENTS:
            return replace(self, more=self.more + 1)
        return replace(self, events=(*self.events, (at, str(event), 1)))

    def as_json(self) -> dict[str, Any]:
        """Return the log for a run's details, as lists, which are short."""
        return {
            "batches": [[round(g.at, 2), g.batches, g.rows, round(g.longest, 3)] for g in self.groups],
            "events": [[round(at, 2), name, number] for at, name, number in self.events],
            **({"more_events": self.more} if self.more else {}),
        }

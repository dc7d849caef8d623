"""The stages that a job gives to the engine, and the outcome of their batches.

A stage tells what is due and what to do with a batch of it. Its class tells in which form `process` gets the batch, so
that a type checker can compare the two:

- `RowStage`: the rows that are still due, as a query set. The usual kind.
- `PrefetchStage`: the same, and the result of work that was done for the batch in advance, without a lock.
- `KeyStage`: the primary keys of the rows, for a condition that costs as much for a few rows as for all of them.
- `FileStage`: things that are no rows, such as files in a storage.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

from django.db.models import Model, QuerySet

from maintenance.core.retention import Retention

M = TypeVar("M", bound=Model)
T = TypeVar("T")


@dataclass(frozen=True)
class Outcome:
    """What became of the units of one batch. Every unit is in exactly one of the first five fields.

    `deleted` and `changed` units are done. `unchanged` ones were examined and left alone on purpose. `deferred` ones
    were prepared for a later stage, which finishes them. `failed` maps the key of a unit to the cause, without personal
    data. `side_changes` counts changed rows that are no units of the job; in a stage that is not counted, all of them
    are. `warnings` maps a place to the error there. `counts` are further figures for the run's details, by name.
    """

    deleted: int = 0
    changed: int = 0
    unchanged: int = 0
    deferred: int = 0
    failed: Mapping[Any, str] = field(default_factory=dict)
    side_changes: int = 0
    warnings: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def done(self) -> int:
        """Units that need nothing more."""
        return self.deleted + self.changed

    @property
    def has_changes(self) -> bool:
        """Whether any row was written."""
        return bool(self.done or self.deferred or self.side_changes)

    @property
    def accounted(self) -> int:
        """Units of which the job has said what became of them."""
        return self.done + self.unchanged + self.deferred + len(self.failed)

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(
            deleted=self.deleted + other.deleted,
            changed=self.changed + other.changed,
            unchanged=self.unchanged + other.unchanged,
            deferred=self.deferred + other.deferred,
            failed={**self.failed, **other.failed},
            side_changes=self.side_changes + other.side_changes,
            warnings={**self.warnings, **other.warnings},
            counts=add_counts(self.counts, other.counts),
        )


@dataclass(frozen=True)
class Preview:
    """What a run would do with one batch.

    It would leave `unchanged` units alone. `ids` are samples of the others; `None` stands for all of the batch.
    """

    unchanged: int = 0
    ids: Sequence[Any] | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class DueFiles(Generic[T]):
    """The due ones among some files; `counts` are figures for the run's details."""

    due: Sequence[T]
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Stage(Generic[M]):
    """What all stages over rows have in common. Rows are taken in the order of their primary key.

    The engine calls `process` inside a transaction that it commits or rolls back, and calls it again with parts of the
    batch when it raised. `due` shrinks as it is processed.
    """

    due: QuerySet[M]

    retention: Retention | None = field(default=None, kw_only=True)
    """The age limit of its rows, where the job has several."""
    largest_batch: int | None = field(default=None, kw_only=True)
    is_counted: bool = field(default=True, kw_only=True)
    """Whether its rows are units of the job. The rows of a stage that only cleans up are not: they are side changes."""
    before: Callable[[], Outcome] | None = field(default=None, kw_only=True)
    """Called before the first batch, even where nothing is due, in its own transaction; and again while it says that it
    has done units. An error in it makes the run partially failed and keeps no batch from being processed."""
    on_failure: Callable[[Any, Exception], None] | None = field(default=None, kw_only=True)
    """Called with the key of a unit that raised, inside the transaction that counts the failure."""


@dataclass(frozen=True)
class RowStage(Stage[M]):
    """A stage whose `process` gets the rows of a batch that are still due."""

    process: Callable[[QuerySet[M]], Outcome]
    preview: Callable[[QuerySet[M]], Preview] | None = None


@dataclass(frozen=True)
class PrefetchStage(Stage[M], Generic[M, T]):
    """A stage that can do work for a batch in advance, on another connection, while the batch before it is written.

    `prefetch` takes no lock and writes nothing to the database. `process` gets its result, or `None` where it was not
    called or raised, and may rely on it only for rows that are unchanged when they are written.
    """

    process: Callable[[QuerySet[M], T | None], Outcome]
    prefetch: Callable[[QuerySet[M]], T]
    preview: Callable[[QuerySet[M]], Preview] | None = None


@dataclass(frozen=True)
class KeyStage(Stage[M]):
    """A stage whose `process` gets the primary keys of a batch, and checks by itself which rows are still due."""

    process: Callable[[Sequence[Any]], Outcome]
    preview: Callable[[Sequence[Any]], Preview] | None = None


@dataclass(frozen=True)
class FileStage(Generic[T]):
    """A stage over things that are no rows: they cannot be counted or ordered, only listed.

    `list_all` yields the names of all files, a page at a time, and does not use the database. `due` returns the due
    ones among some names and changes nothing. Without `process` they are only reported. `str()` of a file stands for it
    in the run's errors and in the log, so it must not contain personal data.
    """

    before: ClassVar[None] = None
    is_counted: ClassVar[bool] = True

    list_all: Callable[[], Iterator[Sequence[str]]]
    due: Callable[[Sequence[str]], DueFiles[T]]
    process: Callable[[Sequence[T]], Outcome] | None = None
    preview: Callable[[Sequence[T]], Preview] | None = None
    largest_batch: int | None = field(default=None, kw_only=True)
    is_guarded: bool = field(default=True, kw_only=True)
    """Whether the volume guard stops the run where a large share of all files is due."""


AnyStage = RowStage[Any] | PrefetchStage[Any, Any] | KeyStage[Any] | FileStage[Any]


def add_counts(first: Mapping[str, int], second: Mapping[str, int]) -> dict[str, int]:
    """Return the sums of two sets of named figures."""
    return {name: first.get(name, 0) + second.get(name, 0) for name in {**first, **second}}

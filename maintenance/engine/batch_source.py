"""What is due, cut into batches in primary-key order: each row is offered once, whatever becomes of it meanwhile.

One query finds all that is due when a stage begins. It is planned for all of it: for the first few only, a database may
well walk a whole table to find them.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, Protocol, Self

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, QuerySet

from maintenance.core.job import Stage
from maintenance.engine.batches import Batch, keys_of

GRAIN = 100
"""Rows between two keys that are remembered. Five million rows then take a few megabytes."""
SPARSE = 20
"""Beyond so many keys for each row of a grain, its rows are looked for one by one."""
PAGE = 5_000
"""Primary keys that are fetched at a time, where all are."""


class Keyset(Protocol):
    """Where the batches of a stage come from."""

    def next(self, size: int) -> Batch | None:
        """Return the next batch, of about `size` rows, or `None` after the last."""

    def close(self) -> None:
        """Let go of what the database keeps."""


def keyset_of(stage: Stage[Any]) -> Keyset:
    """Return the batches of a stage. Nothing is asked of the database before the first one."""
    return Ranges(stage.due) if stage.looks_again else Keys(stage.due)


class Ranges:
    """Batches as ranges of keys, of which only every hundredth is read."""

    def __init__(self, due: QuerySet[Any]) -> None:
        self._due = due
        self._grain = 0
        self._rest: list[Any] = []
        """Keys of the grain before the present one that are still to be offered, where a part of it has been."""

    def next(self, size: int) -> Batch | None:
        batch = None
        while batch is None and not self._is_over:
            batch = self._part(size) if size < GRAIN or self._rest else self._grains(size // GRAIN)
        return batch

    def close(self) -> None:
        """Nothing is kept."""

    @cached_property
    def _grains_due(self) -> "_Grains":
        return _Grains.of(self._due)

    @property
    def _is_over(self) -> bool:
        return self._grain == len(self._grains_due) and not self._rest

    def _grains(self, number: int) -> Batch | None:
        """Return some grains that are alike; sparse ones by their keys, or `None` where nothing is left in them.

        Whoever locks rows should not have to look for them among many others.
        """
        grains, first = self._grains_due, self._grain
        is_sparse = grains.is_sparse(first)
        end = min(first + number, len(grains))
        self._grain = next((grain for grain in range(first, end) if grains.is_sparse(grain) != is_sparse), end)
        batch = replace(grains.batch(first, self._grain), is_last=self._is_over)
        return self._by_keys(keys_of(batch.still(self._due))) if is_sparse else batch

    def _part(self, size: int) -> Batch | None:
        """Return less than a grain, or `None` where nothing is left in it; its keys are read once, and all of them."""
        if not self._rest:
            self._rest = keys_of(self._grains_due.batch(self._grain, self._grain + 1).still(self._due))
            self._grain += 1
        keys, self._rest = self._rest[:size], self._rest[size:]
        return self._by_keys(keys)

    def _by_keys(self, keys: list[Any]) -> Batch | None:
        return Batch.of(keys, is_last=self._is_over) if keys else None


@dataclass(frozen=True)
class _Grains:
    """All that is due, in order of its keys: grains of `GRAIN` rows each, but for the last one.

    `bounds` are the first key and the last of each, one after the other.
    """

    bounds: Sequence[Any]
    rows: int

    @classmethod
    def of(cls, due: QuerySet[Any]) -> Self:
        try:
            keys, params = due.order_by().annotate(due_key=F("pk")).values_list("due_key").query.sql_with_params()
        except EmptyResultSet:
            return cls([], 0)
        # What has an offset is planned for itself: PostgreSQL would rather walk a table by its primary key than sort
        # what the index of an age gives it.
        apart = "OFFSET 0" if connection.vendor == "postgresql" else ""
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                SELECT due_key, place
                FROM (SELECT due_key, ROW_NUMBER() OVER (ORDER BY due_key) AS place,
                             LEAD(due_key) OVER (ORDER BY due_key) AS following
                      FROM ({keys} {apart}) AS due) AS numbered
                WHERE place %% {GRAIN} IN (0, 1) OR following IS NULL
                ORDER BY place
                """,
                params,
            )
            bounds, rows = [], 0
            for key, place in cursor:  # one by one: of five million due rows it returns a hundred thousand
                bounds.append(key)
                rows = place
        # A grain of one row begins and ends with it.
        return cls(bounds + bounds[-1:] if rows % GRAIN == 1 else bounds, rows)

    def __len__(self) -> int:
        return len(self.bounds) // 2

    def batch(self, start: int, end: int) -> Batch:
        """Return the grains from `start` up to `end`, which is not among them."""
        rows = min(end * GRAIN, self.rows) - start * GRAIN
        return Batch(self.bounds[2 * start], self.bounds[2 * end - 1], rows)

    def is_sparse(self, grain: int) -> bool:
        """Return whether most of what lies between the keys of a grain is not due, as far as keys are numbers."""
        first, last = self.bounds[2 * grain : 2 * grain + 2]
        return isinstance(first, int) and last - first > SPARSE * GRAIN


class Keys:
    """Batches with all their keys, by one query whose answer the database keeps (PostgreSQL: a cursor `WITH HOLD`)."""

    def __init__(self, due: QuerySet[Any]) -> None:
        self._due = due
        self._answer = self._ask()
        self._found: list[Any] = []
        self._has_more = True

    def next(self, size: int) -> Batch | None:
        while self._has_more and len(self._found) <= size:
            page = next(self._answer, [])
            self._found += page
            self._has_more = bool(page)
        keys, self._found = self._found[:size], self._found[size:]
        return Batch.of(keys, is_last=not self._found) if keys else None

    def close(self) -> None:
        self._answer.close()

    def _ask(self) -> Generator[list[Any]]:
        # Not `iterator()`: what goes wrong when its cursor is closed can be told to nobody.
        try:
            query = self._due.order_by("pk").values_list("pk").query.sql_with_params()
        except EmptyResultSet:
            return
        with connection.chunked_cursor() as cursor:
            cursor.execute(*query)
            # What SQLite finds of rows that change while it looks is not defined.
            read = partial(cursor.fetchmany, PAGE) if connection.vendor == "postgresql" else cursor.fetchall
            while rows := read():
                yield [key for (key,) in rows]

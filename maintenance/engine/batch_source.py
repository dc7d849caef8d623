"""Where the batches of a stage come from: ranges of primary keys, a list of keys, or a list of files.

Each unit is offered once, also if it fails. One query finds all due rows when a stage begins. The database plans it
for all rows: for the first few only, it may scan a whole table to find them.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, Protocol, Self

from django.core.exceptions import EmptyResultSet
from django.db import Error, connection
from django.db.models import F, QuerySet

from maintenance.core.database import read_only
from maintenance.core.stages import AnyStage, FileStage, KeyStage
from maintenance.engine.batches import Batch, keys_of

RANGE_ROWS = 100
"""Rows between two keys that are kept in memory. Five million rows then take a few megabytes."""
SPARSE = 20
"""A range with more keys than this for each due row is sparse: its rows are found by their keys."""
PAGE = 5_000
"""Primary keys that a key list fetches at a time."""


class BatchSource(Protocol):
    """Cuts what is due into batches."""

    def next(self, size: int) -> Batch | None:
        """Return the next batch, of about `size` rows, or `None` after the last.

        When it raises, the next call offers the same units: the run may have lost its connection and got another one.
        """

    def close(self) -> None:
        """Release what the database keeps."""


def source_of(stage: AnyStage, renew: Callable[[], None]) -> BatchSource:
    """Return the batches of a stage. The database is not asked before the first one.

    `renew` is called while many files are examined and none is due, and may raise.
    """
    if isinstance(stage, FileStage):
        return FileList(stage, renew)
    return KeyList(stage.due) if isinstance(stage, KeyStage) else KeyRanges(stage.due)


class KeyRanges:
    """Batches as ranges of keys, of which only every hundredth is read."""

    def __init__(self, due: QuerySet[Any]) -> None:
        self._due = due
        self._position = 0
        self._rest: list[Any] = []
        """The keys of a partly offered range that have not been offered yet."""

    def next(self, size: int) -> Batch | None:
        batch = None
        while batch is None and not self._is_over:
            batch = self._part(size) if size < RANGE_ROWS or self._rest else self._whole(size // RANGE_ROWS)
        return batch

    def close(self) -> None:
        """Do nothing: the database keeps nothing."""

    @cached_property
    def _ranges(self) -> "_Ranges":
        return _Ranges.of(self._due)

    @property
    def _is_over(self) -> bool:
        return self._position == len(self._ranges) and not self._rest

    def _whole(self, number: int) -> Batch | None:
        """Return ranges of one kind: dense ones as they are, sparse ones by their keys, `None` where no row is left.

        A lock on a sparse range would read many rows that are not due.
        """
        ranges, first = self._ranges, self._position
        is_sparse = ranges.is_sparse(first)
        end = min(first + number, len(ranges))
        end = next((place for place in range(first, end) if ranges.is_sparse(place) != is_sparse), end)
        batch = ranges.batch(first, end)
        keys = keys_of(batch.still(self._due)) if is_sparse else []
        self._position = end
        return self._by_keys(keys) if is_sparse else replace(batch, is_last=self._is_over)

    def _part(self, size: int) -> Batch | None:
        """Return a part of a range, or `None` where no row is left; all keys of the range are read once."""
        if not self._rest:
            self._rest = keys_of(self._ranges.batch(self._position, self._position + 1).still(self._due))
            self._position += 1
        keys, self._rest = self._rest[:size], self._rest[size:]
        return self._by_keys(keys)

    def _by_keys(self, keys: list[Any]) -> Batch | None:
        return Batch.of(keys, is_last=self._is_over) if keys else None


@dataclass(frozen=True)
class _Ranges:
    """All due rows in the order of their keys: ranges of `RANGE_ROWS` rows each, except for the last one.

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
        # PostgreSQL plans a subquery with an offset by itself. Without it PostgreSQL walks the primary key of the table
        # instead of sorting what the index of the age gives it.
        apart = "OFFSET 0" if connection.vendor == "postgresql" else ""
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                SELECT due_key, place
                FROM (SELECT due_key, ROW_NUMBER() OVER (ORDER BY due_key) AS place,
                             LEAD(due_key) OVER (ORDER BY due_key) AS following
                      FROM ({keys} {apart}) AS due) AS numbered
                WHERE place %% {RANGE_ROWS} IN (0, 1) OR following IS NULL
                ORDER BY place
                """,  # names of tables and columns are the models' # nosec B608
                params,
            )
            bounds, rows = [], 0
            for key, place in cursor:  # one by one: for five million due rows, it returns a hundred thousand
                bounds.append(key)
                rows = place
        # A range of one row begins and ends with it.
        return cls(bounds + bounds[-1:] if rows % RANGE_ROWS == 1 else bounds, rows)

    def __len__(self) -> int:
        return len(self.bounds) // 2

    def batch(self, start: int, end: int) -> Batch:
        """Return the ranges from `start` up to `end`, which is not among them."""
        rows = min(end * RANGE_ROWS, self.rows) - start * RANGE_ROWS
        return Batch(self.bounds[2 * start], self.bounds[2 * end - 1], rows)

    def is_sparse(self, place: int) -> bool:
        """Return whether most keys of a range belong to rows that are not due; only for keys that are numbers."""
        first, last = self.bounds[2 * place : 2 * place + 2]
        return isinstance(first, int) and last - first > SPARSE * RANGE_ROWS


class KeyList:
    """Batches with all their keys, from one query whose result the database keeps (a cursor `WITH HOLD`)."""

    def __init__(self, due: QuerySet[Any]) -> None:
        self._due = due
        self._answer = self._ask(due)
        self._found: list[Any] = []
        self._last: Any = None
        """The last key that was read."""
        self._has_more = True

    def next(self, size: int) -> Batch | None:
        while self._has_more and len(self._found) <= size:
            page = self._page()
            self._found += page
            self._has_more = bool(page)
        keys, self._found = self._found[:size], self._found[size:]
        return Batch.of(keys, is_last=not self._found) if keys else None

    def close(self) -> None:
        self._answer.close()

    def _page(self) -> list[Any]:
        try:
            page = next(self._answer, [])
        except Error:
            # The cursor is lost: the query is asked again for the keys that have not been read.
            self._answer = self._ask(self._due if self._last is None else self._due.filter(pk__gt=self._last))
            raise
        if page:
            self._last = page[-1]
        return page

    def _ask(self, due: QuerySet[Any]) -> Generator[list[Any]]:
        # Not `iterator()`: an error while its cursor is closed cannot be caught.
        try:
            query = due.order_by("pk").values_list("pk").query.sql_with_params()
        except EmptyResultSet:
            return
        with connection.chunked_cursor() as cursor:
            cursor.execute(*query)
            # SQLite does not define what a query returns of rows that change while it is read.
            read = partial(cursor.fetchmany, PAGE) if connection.vendor == "postgresql" else cursor.fetchall
            while rows := read():
                yield [key for (key,) in rows]


class FileList:
    """Batches of due files, found page by page among all files."""

    def __init__(self, stage: FileStage[Any], renew: Callable[[], None]) -> None:
        self._pages = stage.list_all()
        self._due_among = stage.due
        self._renew = renew
        self._names: Sequence[str] | None = []
        self._found: list[Any] = []

    def next(self, size: int) -> Batch | None:
        while not self._found:
            self._names = self._names or next(self._pages, None)
            if self._names is None:
                return None
            self._renew()
            with read_only():
                self._found = list(self._due_among(self._names).due)
            self._names = []
        files, self._found = self._found[:size], self._found[size:]
        return Batch.of(files)

    def close(self) -> None:
        """Do nothing: the database keeps nothing."""

"""Prefetching: a thread with its own connection works for the next batch while the current one is written.

Where there are pauses between batches, the thread works in them, because two busy processors slow the site down. Only a
`PrefetchStage` on PostgreSQL prefetches. The thread takes no lock, so its result is only valid for rows that `process`
finds unchanged. The batches of all other stages are read on the run's own connection.
"""

import logging
import sys
import time
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, Protocol

from django.db import connection, connections

from maintenance.core.database import milliseconds, set_on_connection
from maintenance.core.errors import summary_of
from maintenance.core.stages import AnyStage, PrefetchStage
from maintenance.engine import lease, pacing
from maintenance.engine.batch_source import BatchSource, source_of
from maintenance.engine.batches import Batch
from maintenance.engine.cancellation import CancellationToken
from maintenance.engine.watchdog import stall_limit

logger = logging.getLogger(__name__)

TICK = 1.0
"""Seconds between two checks for a stop request while a batch is being read."""
SWITCH_INTERVAL = 0.001
"""Seconds after which a computing thread yields to another one."""


class Reader(Protocol):
    """Gives the batches of a stage, one after another."""

    def take(self, size: int) -> Batch | None:
        """Return the next batch, of about `size` rows, or `None` after the last. Raises `FenceClosed` when stopped."""

    def prepare_next(self, size: int) -> None:
        """Start prefetching for the next batch: a pause begins."""


@contextmanager
def reading(
    stage: AnyStage,
    token: CancellationToken,
    renew: Callable[[], None],
    *,
    prefetch: bool = True,
) -> Generator[Reader]:
    """Read the batches of a stage. `renew` is called, and may raise, while a long search finds nothing due."""
    # No other connection sees the rows of an open transaction, and SQLite has one writer.
    is_apart = connection.vendor == "postgresql" and not connection.in_atomic_block
    if prefetch and isinstance(stage, PrefetchStage) and is_apart:
        with PrefetchingReader(stage, token).running() as reader:
            yield reader
    else:
        source = source_of(stage, renew)
        try:
            yield PlainReader(source)
        finally:
            _close(source)


class PlainReader:
    """Reads a batch when it is asked for."""

    def __init__(self, source: BatchSource) -> None:
        self._source = source

    def take(self, size: int) -> Batch | None:
        return self._source.next(size)

    def prepare_next(self, size: int) -> None:
        """Do nothing in advance."""


class PrefetchingReader:
    """Reads a batch and prefetches for it while the one before is processed."""

    def __init__(self, stage: PrefetchStage[Any, Any], token: CancellationToken) -> None:
        self._stage, self._token = stage, token
        self._source = source_of(stage, lambda: None)
        self._pool = ThreadPoolExecutor(1, "prefetch")
        self._future: Future[Batch | None] | None = None
        self._driver: Any = None
        self._has_ended = False

    @contextmanager
    def running(self) -> Generator[Reader]:
        """Let the thread run while the context lasts."""
        interval = sys.getswitchinterval()
        # With the default, the writing thread waits for up to 5 ms after each answer of the database.
        sys.setswitchinterval(SWITCH_INTERVAL)
        try:
            yield self
        finally:
            self._end()
            sys.setswitchinterval(interval)

    def take(self, size: int) -> Batch | None:
        """Return the next batch; without pauses between batches, start reading the one after it."""
        future = self._started(size)
        while not wait([future], timeout=TICK).done:
            if self._token.is_requested:
                raise lease.FenceClosed
        self._future = None
        batch = future.result()
        if batch and not batch.is_last and not pacing.has_pauses():
            self.prepare_next(size)
        return batch

    def prepare_next(self, size: int) -> None:
        self._started(size)

    def _started(self, size: int) -> Future[Batch | None]:
        self._future = self._future or self._pool.submit(self._read, size)
        return self._future

    def _read(self, size: int) -> Batch | None:
        self._connect()
        batch = self._source.next(size)
        if batch is None:
            return None
        began = time.monotonic()
        return replace(batch, prefetched=self._prefetched(batch), prefetch_seconds=time.monotonic() - began)

    def _connect(self) -> None:
        connection.close_if_unusable_or_obsolete()
        if connection.connection is None:
            # A statement that never returns must not hold the run up: its batch is processed without.
            set_on_connection("statement_timeout", milliseconds(timedelta(seconds=stall_limit() / 2)))
        self._driver = connection.connection

    def _prefetched(self, batch: Batch) -> Any:
        """Return the result of `prefetch`, or `None` where it raised: `process` will find the row at fault."""
        try:
            return self._stage.prefetch(batch.still(self._stage.due))
        except Exception as error:
            if not self._has_ended:
                logger.warning("Prefetching for a batch raised %s; the batch is processed without.", summary_of(error))
            connection.close_if_unusable_or_obsolete()
            return None

    def _end(self) -> None:
        self._has_ended = True
        while self._future and not (self._future.cancel() or self._future.done()):
            with suppress(Exception):  # the connection is lost, or was not made yet
                self._driver.cancel_safe(timeout=TICK)
            wait([self._future], timeout=TICK / 10)
        self._pool.submit(_close, self._source)
        self._pool.submit(connections.close_all)
        self._pool.shutdown()


def _close(source: BatchSource) -> None:
    with suppress(Exception):  # the connection is lost, and what it kept with it
        source.close()

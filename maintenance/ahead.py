"""Read ahead: while a batch is written, the next one is looked up, on PostgreSQL by a thread with its own connection.

What is read there is read without a lock. Keys are offered to `process`, which looks at the rows afresh; what a stage
found out with its `read` is only worth something for rows that `process` finds unchanged under a lock.
"""

import sys
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from types import TracebackType
from typing import Any, Self

from django.db import connection, connections

from maintenance import lease
from maintenance.batches import all_keys, batch_of
from maintenance.heartbeat import Heartbeat
from maintenance.job import Stage
from maintenance.stop import StopToken

TICK = 1.0
"""Seconds between looks for a stop request while a batch is waited for."""
SWITCH_INTERVAL = 0.001
"""Seconds after which a thread that computes lets another one have its turn."""


@dataclass(frozen=True)
class Batch:
    """Primary keys in order, and what the stage's `read` said of their rows."""

    keys: list[Any]
    seen: Any = None


class ReadAhead:
    """Reads the batches of a stage one after another, each while the one before is processed."""

    def __init__(self, stage: Stage[Any], stop: StopToken, heartbeat: Heartbeat, *, reads: bool = True) -> None:
        self._stage, self._stop, self._heartbeat = stage, stop, heartbeat
        # In somebody else's transaction no other connection would see the same rows, and SQLite has one writer.
        is_apart = connection.vendor == "postgresql" and not connection.in_atomic_block
        self._pool = ThreadPoolExecutor(1, "read ahead") if is_apart else None
        self._keys = all_keys(stage.due, streams=is_apart)
        self._look = stage.read if is_apart and reads else None
        self._size = 0
        self._future: Future[Batch] | None = None
        self._driver: Any = None

    def __enter__(self) -> Self:
        if self._pool is not None:
            # Otherwise whoever writes gets its turn 5 ms after each answer of the database.
            self._interval = sys.getswitchinterval()
            sys.setswitchinterval(SWITCH_INTERVAL)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is None:
            return
        while self._future and not (self._future.cancel() or self._future.done()):
            with suppress(Exception):  # the connection is lost, or was not made yet
                self._driver.cancel_safe(timeout=TICK)
            wait([self._future], timeout=TICK / 10)
        self._pool.submit(self._close)
        self._pool.shutdown()
        sys.setswitchinterval(self._interval)

    def ask(self, size: int) -> None:
        """Begin to read the next batch, of up to `size` rows."""
        self._size = size
        if self._pool is not None:
            self._future = self._pool.submit(self._read, size)

    def take(self) -> Batch:
        """Return the batch that was asked for; without keys it was the last. Raises `FenceClosed` on a stop request."""
        if self._future is None:
            return self._read(self._size)
        while not wait([self._future], timeout=TICK).done:
            if self._stop.is_requested:
                raise lease.FenceClosed
        return self._future.result()

    def _read(self, size: int) -> Batch:
        if self._pool is None:
            with self._heartbeat.cancellable():
                return self._look_up(size)
        connection.ensure_connection()
        self._driver = connection.connection
        return self._look_up(size)

    def _close(self) -> None:
        with suppress(Exception):  # the connection is lost, and the cursor with it
            self._keys.close()
        connections.close_all()

    def _look_up(self, size: int) -> Batch:
        keys = list(islice(self._keys, size))
        return Batch(keys, self._look(batch_of(self._stage, keys)) if keys and self._look else None)

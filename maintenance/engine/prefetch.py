"""Work ahead: while a batch is written, what can be done for the next one is done, by a thread with its own connection.

Where there are pauses between batches, it is done in them: two processors at work at once are what a site's visitors
notice. That is on PostgreSQL, and for a stage that has something to do `ahead`: without a lock, so that what it finds
is only worth something for rows that `process` finds unchanged. The batches of any other stage are looked up in turn,
on the run's own connection.
"""

import logging
import sys
import time
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any, Protocol

from django.db import connection, connections

from maintenance.conf import settings
from maintenance.core.errors import summary_of
from maintenance.core.job import Stage
from maintenance.engine import lease
from maintenance.engine.batch_source import Keyset, keyset_of
from maintenance.engine.batches import Batch
from maintenance.engine.cancellation import StopToken
from maintenance.engine.heartbeat import Heartbeat

logger = logging.getLogger(__name__)

TICK = 1.0
"""Seconds between looks for a stop request while a batch is waited for."""
SWITCH_INTERVAL = 0.001
"""Seconds after which a thread that computes lets another one have its turn."""


class Reader(Protocol):
    """Gives the batches of a stage, one after another."""

    def take(self, size: int) -> Batch | None:
        """Return the next batch, of about `size` rows, or `None` after the last. Raises `FenceClosed` when stopped."""

    def go_ahead(self, size: int) -> None:
        """Begin with the next batch: there is a pause, in which nobody else is kept from the processor by it."""


@contextmanager
def reading(stage: Stage[Any], stop: StopToken, heartbeat: Heartbeat, *, ahead: bool = True) -> Generator[Reader]:
    """Read the batches of a stage; without `ahead`, nothing is done for them in advance."""
    # In somebody else's transaction no other connection would see the same rows, and SQLite has one writer.
    is_apart = connection.vendor == "postgresql" and not connection.in_atomic_block
    if ahead and stage.ahead and is_apart:
        with Ahead(stage, stage.ahead, stop).running() as reader:
            yield reader
    else:
        keyset = keyset_of(stage)
        try:
            yield InTurn(keyset, heartbeat)
        finally:
            _close(keyset)


class InTurn:
    """Looks up a batch when it is asked for."""

    def __init__(self, keyset: Keyset, heartbeat: Heartbeat) -> None:
        self._keyset, self._heartbeat = keyset, heartbeat

    def take(self, size: int) -> Batch | None:
        with self._heartbeat.cancellable():
            return self._keyset.next(size)

    def go_ahead(self, size: int) -> None:
        """Nothing is done in advance."""


class Ahead:
    """Looks up a batch, and does for it what can be done, while the one before is processed."""

    def __init__(self, stage: Stage[Any], act: Callable[[Any], Any], stop: StopToken) -> None:
        self._stage, self._act, self._stop = stage, act, stop
        self._keyset = keyset_of(stage)
        self._pool = ThreadPoolExecutor(1, "ahead")
        self._future: Future[Batch | None] | None = None
        self._driver: Any = None
        self._is_over = False

    @contextmanager
    def running(self) -> Generator[Reader]:
        """Let the thread run while the context lasts."""
        interval = sys.getswitchinterval()
        # Otherwise whoever writes gets its turn 5 ms after each answer of the database.
        sys.setswitchinterval(SWITCH_INTERVAL)
        try:
            yield self
        finally:
            self._end()
            sys.setswitchinterval(interval)

    def take(self, size: int) -> Batch | None:
        """Return the next batch; where there are no pauses, begin with the one after it, of about `size` rows."""
        future = self._begun(size)
        while not wait([future], timeout=TICK).done:
            if self._stop.is_requested:
                raise lease.FenceClosed
        batch, self._future = future.result(), None
        if batch and not batch.is_last and not settings.MAINTENANCE_BATCH_PAUSE:
            self.go_ahead(size)
        return batch

    def go_ahead(self, size: int) -> None:
        self._begun(size)

    def _begun(self, size: int) -> Future[Batch | None]:
        self._future = self._future or self._pool.submit(self._read, size)
        return self._future

    def _read(self, size: int) -> Batch | None:
        connection.ensure_connection()
        self._driver = connection.connection
        batch = self._keyset.next(size)
        if batch is None:
            return None
        began = time.monotonic()
        return replace(batch, seen=self._seen_of(batch), seconds_ahead=time.monotonic() - began)

    def _seen_of(self, batch: Batch) -> Any:
        """Return what `ahead` says of a batch, or `None` where it raised: `process` will find the row at fault."""
        try:
            return self._act(batch.given_to(self._stage))
        except Exception as error:
            if not self._is_over:
                logger.warning("What is done ahead of a batch raised %s; it is done in its turn.", summary_of(error))
            connection.close_if_unusable_or_obsolete()
            return None

    def _end(self) -> None:
        self._is_over = True
        while self._future and not (self._future.cancel() or self._future.done()):
            with suppress(Exception):  # the connection is lost, or was not made yet
                self._driver.cancel_safe(timeout=TICK)
            wait([self._future], timeout=TICK / 10)
        self._pool.submit(_close, self._keyset)
        self._pool.submit(connections.close_all)
        self._pool.shutdown()


def _close(keyset: Keyset) -> None:
    with suppress(Exception):  # the connection is lost, and what it kept with it
        keyset.close()

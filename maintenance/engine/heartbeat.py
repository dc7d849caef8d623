"""The heartbeat of a run: a thread renews the lease during long batches and cancels a batch that does not stop.

The thread has a connection of its own. SQLite has one writer, so there only the batches' own fences renew the lease.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from django.db import Error, connection, connections

from maintenance.core.errors import summary_of
from maintenance.engine import lease
from maintenance.engine.cancellation import CancellationToken
from maintenance.models import JobRun

TICK = 1.0
"""Seconds between two checks for a stop request."""
PATIENCE = 5.0
"""Seconds that a batch may continue after a stop request before its statement is cancelled."""

logger = logging.getLogger(__name__)


class Heartbeat:
    """Renews the lease of a run in the background, from entering the context to leaving it."""

    def __init__(self, run: JobRun, stop: CancellationToken) -> None:
        self._run, self._stop = run, stop
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._driver: Any = None
        # Inside an outer transaction no other connection sees the run.
        self._renews = connection.vendor == "postgresql" and not connection.in_atomic_block
        self._thread = threading.Thread(target=self._work, name=f"heartbeat of {run}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    @contextmanager
    def cancellable(self) -> Iterator[None]:
        """Mark a batch, whose statement may be cancelled when a stop request is older than `PATIENCE`."""
        with self._lock:
            self._driver = connection.connection
        try:
            yield
        finally:
            with self._lock:
                self._driver = None

    def _work(self) -> None:
        ticks_per_renewal = max(1, int(lease.lease_time().total_seconds() / 4 / TICK))
        ticks = 0
        try:
            while not self._ended.wait(TICK):
                ticks += 1
                if self._renews:
                    self._check(renew=ticks % ticks_per_renewal == 0)
                if self._stop.age > PATIENCE:
                    self._cancel_batch()
        finally:
            connections.close_all()

    def _check(self, *, renew: bool) -> None:
        try:
            if (renew and not lease.renew(self._run)) or not lease.is_open(self._run):
                self._stop.request()
        except Error as error:
            # The fence decides in the end, so one missed heartbeat does no harm.
            logger.warning("A heartbeat of %s failed: %s.", self._run, summary_of(error))
            connection.close()

    def _cancel_batch(self) -> None:
        with self._lock:
            if self._driver is None:
                return
            try:
                if connection.vendor == "postgresql":
                    self._driver.cancel_safe(timeout=PATIENCE)
                else:
                    self._driver.interrupt()
            except Exception as error:
                # The driver has error classes of its own. The next tick tries again.
                logger.warning("A batch of %s could not be cancelled: %s.", self._run, summary_of(error))

"""The heartbeat of a run: a thread renews the lease during long batches, and passes on a wish to stop.

The thread has a connection of its own. SQLite has one writer, so there only the batches' own fences renew the lease.
"""

import logging
import threading
from types import TracebackType
from typing import Self

from django.db import Error, connection, connections

from maintenance.core.errors import summary_of
from maintenance.engine import lease
from maintenance.engine.cancellation import CancellationToken
from maintenance.engine.watchdog import Watchdog
from maintenance.models import JobRun

TICK = 1.0
"""Seconds between two checks for a stop request."""

logger = logging.getLogger(__name__)


class Heartbeat:
    """Renews the lease of a run in the background, from entering the context to leaving it."""

    def __init__(self, run: JobRun, stop: CancellationToken, watchdog: Watchdog) -> None:
        self._run, self._stop, self._watchdog = run, stop, watchdog
        self._ended = threading.Event()
        # Inside an outer transaction no other connection sees the run.
        self._renews = connection.vendor == "postgresql" and not connection.in_atomic_block
        self._thread = threading.Thread(target=self._work, name=f"heartbeat of {run}", daemon=True)

    def __enter__(self) -> Self:
        if self._renews:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._renews:
            self._thread.join()

    def _work(self) -> None:
        ticks_per_renewal = max(1, int(lease.lease_time().total_seconds() / 4 / TICK))
        ticks = 0
        try:
            while not self._ended.wait(TICK):
                ticks += 1
                self._check(renew=ticks % ticks_per_renewal == 0)
        finally:
            connections.close_all()

    def _check(self, *, renew: bool) -> None:
        try:
            is_held = not renew or lease.renew(self._run, idle_seconds=self._watchdog.idle_seconds)
            if not is_held or not lease.is_open(self._run):
                self._stop.request()
        except Error as error:
            # The fence decides in the end, so one missed heartbeat does no harm.
            logger.warning("A heartbeat of %s failed: %s.", self._run, summary_of(error))
            connection.close()

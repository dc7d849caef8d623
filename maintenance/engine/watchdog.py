"""The watchdog of a run: it ends a batch that makes no progress, or that does not stop when it is asked to.

Each statement is progress. After `stall_limit` seconds without any, and after a stop request that is `PATIENCE` old,
the watchdog takes one step after another until the run goes on: it cancels the statement, closes the connection, raises
`Interrupted` in the run, and ends the process. Each step has `PATIENCE` to help before the next one, by the time at
which it was taken: a process that was itself stopped, or got no time of the processor, is not ended for that.
`maintenance.engine.attempt` fails the units at fault. A batch that goes on for longer than the limit past the time
budget is ended likewise, whatever progress it makes.
"""

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from enum import IntEnum
from types import FrameType, TracebackType
from typing import Any, Self

from django.db import connection, connections

from maintenance.conf import settings
from maintenance.core.errors import MaintenanceError, summary_of
from maintenance.core.states import Status
from maintenance.engine import lease
from maintenance.engine.cancellation import CancellationToken
from maintenance.models import JobRun

TICK = 1.0
"""Seconds between two looks at the run, and the time that the database has for each step."""
PATIENCE = 5.0
"""Seconds that a batch may continue after a stop request, and seconds between two steps."""
LEAST_MULTIPLE = 10
"""The limit is at least this many times the target duration of a batch."""
SHORTEST = 5.0
"""Seconds; the limit does not become shorter while the units at fault are isolated."""
WAKE = signal.SIGURG
"""The signal that interrupts the run's thread. A process that has no handler for it ignores it."""

logger = logging.getLogger(__name__)


class Step(IntEnum):
    """What the watchdog does about a batch, in order."""

    CANCEL = 1
    CLOSE = 2
    RAISE = 3
    END = 4


class NoProgress(MaintenanceError):
    """A batch made no progress, or did not end with the time budget."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"no progress for {seconds:g} s")


class Interrupted(BaseException):
    """The watchdog interrupts the run. It is not an `Exception`, so that a job does not take it for a row's fault."""


def stall_limit() -> float:
    """Return the seconds without progress after which a batch is ended."""
    return max(settings.MAINTENANCE_STALL_SECONDS, LEAST_MULTIPLE * settings.MAINTENANCE_BATCH_SECONDS)


class Watchdog:
    """Watches the thread that enters the context, which is that of the run, until it leaves it."""

    def __init__(self, run: JobRun, token: CancellationToken) -> None:
        self.limit = stall_limit()
        self.deadline = time.monotonic() + settings.MAINTENANCE_TIME_BUDGET
        """The end of the time budget, by the monotonic clock. Between batches the run looks at it itself."""
        self._run, self._token = run, token
        self._connection = connections[connection.alias]
        self._progressed_at = time.monotonic()
        self._is_resting = False
        self._step_at: dict[Step, float] = {}
        """When each step of the present stall was first taken, by the monotonic clock."""
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"watchdog of {run}", daemon=True)
        self._context = ExitStack()
        self._is_main = threading.current_thread() is threading.main_thread()

    def __enter__(self) -> Self:
        self._context.enter_context(self._connection.execute_wrapper(self._note_statement))
        if self._is_main:
            former = signal.signal(WAKE, self._on_wake)
            self._context.callback(signal.signal, WAKE, former)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._context.close()
        self._thread.join()

    @property
    def idle_seconds(self) -> float:
        """Seconds since the last progress."""
        return 0.0 if self._is_resting else time.monotonic() - self._progressed_at

    @property
    def is_out_of_time(self) -> bool:
        """Whether the time budget is used up."""
        return time.monotonic() > self.deadline

    def note_progress(self) -> None:
        self._progressed_at = time.monotonic()

    def take_stall(self) -> NoProgress | None:
        """Return the error of a batch that the watchdog has ended since the last call, and begin anew."""
        steps, limit = self._step_at, self.limit
        self._step_at = {}
        self.note_progress()
        return NoProgress(limit) if steps else None

    @contextmanager
    def resting(self) -> Iterator[None]:
        """Expect no progress: the run is in a pause."""
        self._is_resting = True
        try:
            yield
        finally:
            self.note_progress()
            self._is_resting = False

    @contextmanager
    def with_limit(self, seconds: float) -> Iterator[None]:
        """Expect progress within `seconds` while the context lasts."""
        former, self.limit = self.limit, max(seconds, min(SHORTEST, self.limit))
        try:
            yield
        finally:
            self.limit = former

    def _note_statement(self, execute: Callable[..., Any], *args: Any) -> Any:
        self.note_progress()
        try:
            return execute(*args)
        finally:
            self.note_progress()

    def _on_wake(self, _signal: int, _frame: FrameType | None) -> None:
        if Step.RAISE in self._step_at and not self._ended.is_set():
            raise Interrupted

    def _overdue(self) -> float:
        """Return for how many seconds the run should have gone on, or stopped; negative while all is well."""
        stalled = max(self.idle_seconds, time.monotonic() - self.deadline) - self.limit
        return max(stalled, self._token.age - PATIENCE) if self._token.is_requested else stalled

    def _work(self) -> None:
        was_overdue = False
        try:
            while not self._ended.wait(TICK):
                is_overdue = self._overdue() >= 0
                if is_overdue:
                    self._take_step(is_new=not was_overdue)
                was_overdue = is_overdue
        finally:
            connections.close_all()

    def _take_step(self, *, is_new: bool) -> None:
        """Take the next step towards the end of the batch, or the present one again; begin anew in a new stall."""
        if is_new:
            self._step_at = {}
        steps, now = self._step_at, time.monotonic()
        if not steps and not self._token.is_requested:
            logger.warning("%s made no progress for %g s, and its batch is ended.", self._run, self.limit)
        step = max(steps, default=Step.CANCEL)
        if steps and now - steps[step] >= PATIENCE:
            step = Step(min(step + 1, Step.END))
        is_first = step not in steps
        steps.setdefault(step, now)
        if step == Step.CANCEL:
            self._cancel_statement()
        elif step == Step.CLOSE and is_first:
            self._close_connection()
        elif step == Step.RAISE and is_first and self._is_main:
            signal.pthread_kill(threading.main_thread().ident or 0, WAKE)
        elif step == Step.END:
            self._end_process()

    def _cancel_statement(self) -> None:
        driver = self._connection.connection
        try:
            if driver is None:
                return
            if self._connection.vendor == "postgresql":
                driver.cancel_safe(timeout=PATIENCE)
            else:
                driver.interrupt()
        except Exception as error:
            # The driver has error classes of its own. The next tick tries again.
            logger.warning("A batch of %s could not be cancelled: %s.", self._run, summary_of(error))

    def _close_connection(self) -> None:
        """End both ends of the connection: the client's own, which may wait for a server that is gone, goes first."""
        driver = self._connection.connection
        if self._connection.vendor != "postgresql" or driver is None:
            return
        with suppress(Exception), socket.socket(fileno=os.dup(driver.fileno())) as wire:
            wire.shutdown(socket.SHUT_RDWR)
        _within(PATIENCE, lambda: lease.terminate_backend(self._run))

    def _end_process(self) -> None:
        """Record the end of the run, and end the process. A thread that is not the main one only loses its lease."""
        if self._token.is_requested:
            status, reason = Status.INTERRUPTED, "a stop was requested, and the run did not stop"
        else:
            status, reason = Status.CRASHED, f"{NoProgress(self.limit)}, and the batch could not be ended"
        message = f"The watchdog ended the process: {reason}."
        logger.error("%s: %s", self._run, message)  # the database may not take it
        _within(PATIENCE, lambda: lease.end_from_outside(self._run, status, message))
        if self._is_main:
            os._exit(status.exit_status or 1)


def _within(seconds: float, act: Callable[[], object]) -> None:
    """Call a function that uses the database; go on after some seconds, whether or not it has returned."""

    def work() -> None:
        try:
            act()
        except Exception as error:
            logger.warning("The watchdog could not reach the database: %s.", summary_of(error))
        finally:
            connections.close_all()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)

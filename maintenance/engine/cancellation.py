"""The cancellation token: a request to stop, which a run follows at its next batch."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from types import FrameType

LONGEST_SLEEP = 1.0
"""Seconds."""


class CancellationToken:
    """Carries a stop request from a signal handler or another thread to the run.

    It is not a `threading.Event`, because setting one takes a lock: a signal handler that interrupts the holder of that
    lock would wait for itself. Putting an item into a `SimpleQueue` is safe in a signal handler.
    """

    def __init__(self) -> None:
        self._wake: SimpleQueue[None] = SimpleQueue()
        self._followers: list[CancellationToken] = []
        self.requested_at: float | None = None
        """The time of the request, by the monotonic clock."""

    def request(self) -> None:
        """Request a stop; only the first request counts."""
        if self.requested_at is None:
            self.requested_at = time.monotonic()
            self._wake.put(None)
            for token in tuple(self._followers):
                token.request()

    @contextmanager
    def follower(self) -> "Iterator[CancellationToken]":
        """A token that a request to this one reaches too, and whose own requests do not reach this one.

        It is for one run: a run that is cancelled, or has lost its lease, stops alone.
        """
        token = CancellationToken()
        self._followers.append(token)
        if self.is_requested:
            token.request()
        try:
            yield token
        finally:
            self._followers.remove(token)

    @property
    def is_requested(self) -> bool:
        return self.requested_at is not None

    @property
    def age(self) -> float:
        """Seconds since the request; 0 where there was none."""
        return 0.0 if self.requested_at is None else time.monotonic() - self.requested_at

    def wait(self, seconds: float) -> None:
        """Wait for some seconds, or until a stop is requested.

        A signal that arrives just before the thread sleeps does not wake it, and its handler waits as well. So no sleep
        is longer than `LONGEST_SLEEP`.
        """
        until = time.monotonic() + seconds
        while not self.is_requested and (left := until - time.monotonic()) > 0:
            with suppress(Empty):
                self._wake.get(timeout=min(left, LONGEST_SLEEP))
                self._wake.put(None)  # for other threads that wait, and for later calls


@contextmanager
def stop_on_signals(*, ends_process: bool = False) -> Iterator[CancellationToken]:
    """Turn SIGTERM, SIGINT and SIGHUP into a stop request while the context lasts.

    Where the process ends afterwards, they are ignored from then on: its exit status is that of the run.
    """
    token = CancellationToken()

    def handle(_signal: int, _frame: FrameType | None) -> None:
        token.request()

    # An ignored signal stays ignored: `nohup` lets a run outlive its terminal.
    signals = [s for s in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP) if signal.getsignal(s) is not signal.SIG_IGN]
    former = {number: signal.signal(number, handle) for number in signals}
    try:
        yield token
    finally:
        for number, handler in former.items():
            signal.signal(number, signal.SIG_IGN if ends_process else handler)

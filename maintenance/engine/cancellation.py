"""Asking a run to stop: it does so at the next batch."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from types import FrameType


class CancellationToken:
    """Carries the wish to stop from a signal handler or another thread to the run.

    Not a `threading.Event`: setting one takes a lock, which the main thread may hold just when the signal handler
    interrupts it, and would then wait for itself. To put something into a `SimpleQueue` is safe there.
    """

    def __init__(self) -> None:
        self._wake: SimpleQueue[None] = SimpleQueue()
        self.requested_at: float | None = None
        """When it was asked for, by the monotonic clock."""

    def request(self) -> None:
        """Ask for a stop; only the first time counts."""
        if self.requested_at is None:
            self.requested_at = time.monotonic()
            self._wake.put(None)

    @property
    def is_requested(self) -> bool:
        return self.requested_at is not None

    @property
    def age(self) -> float:
        """Seconds since the stop was asked for; 0 where it was not."""
        return 0.0 if self.requested_at is None else time.monotonic() - self.requested_at

    def wait(self, seconds: float) -> None:
        """Pause, or less than that when a stop is asked for."""
        with suppress(Empty):
            self._wake.get(timeout=seconds)
            self._wake.put(None)  # for whoever waits besides, or later


@contextmanager
def stop_on_signals() -> Iterator[CancellationToken]:
    """Turn SIGTERM, Ctrl-C and the end of the terminal into a stop request while the context lasts."""
    token = CancellationToken()

    def handle(_signal: int, _frame: FrameType | None) -> None:
        token.request()

    # What is ignored stays so: `nohup` lets a run outlive its terminal.
    signals = [s for s in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP) if signal.getsignal(s) is not signal.SIG_IGN]
    former = {number: signal.signal(number, handle) for number in signals}
    try:
        yield token
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)

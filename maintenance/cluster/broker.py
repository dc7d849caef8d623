"""The queue for the process that reads it, which looks when the leader says so, and rarely by itself."""

import os
import select
import time
from contextlib import suppress
from typing import Any

from django_q.brokers.orm import ORM


class WakeUp:
    """A signal from the leader to the processes that it forks: a pipe, because nobody can die with its lock."""

    def __init__(self) -> None:
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._reading, False)
        os.set_blocking(self._writing, False)  # the leader must not hang where nobody reads

    def send(self) -> None:
        """Wake the process that waits, or the next one that does."""
        with suppress(BlockingIOError):
            os.write(self._writing, b"\0")

    def wait(self, seconds: float) -> bool:
        """Wait until the signal was sent, for some seconds at most; return whether it was."""
        ready, _, _ = select.select([self._reading], [], [], seconds)
        if ready:
            with suppress(BlockingIOError):
                os.read(self._reading, 65_536)
        return bool(ready)


class WaitingBroker(ORM):  # type: ignore[misc] # the library has no types
    """The queue in the database. The library's own looks five times a second."""

    WAIT = 0.5
    """Seconds after which the reading process sees that it should stop."""
    LOOK_EVERY = 5.0
    """Seconds after which it looks without a signal: the leader may be busy."""

    def __init__(self, wake_up: WakeUp) -> None:
        super().__init__()
        self._wake_up = wake_up
        self._looked_at = time.monotonic()
        self._has_more = True

    def dequeue(self) -> list[tuple[Any, ...]] | None:
        """Return a queued task; `None` where there is none, or nobody has said that there is one."""
        is_told = self._has_more or self._wake_up.wait(self.WAIT)
        if not is_told and time.monotonic() - self._looked_at < self.LOOK_EVERY:
            return None
        self._looked_at = time.monotonic()
        tasks: list[tuple[Any, ...]] | None = super().dequeue()
        self._has_more = bool(tasks)
        return tasks

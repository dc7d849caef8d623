"""Which processes the cluster consists of."""

import os
from contextlib import suppress


class Births:
    """Who has been forked by this process, and by those that it forked: each of them tells it, so that none is missed.

    One that dies between two looks at the processes that there are would never have been seen. What dies before it
    can tell has not begun anything, and holds no lock.
    """

    LENGTH = 8  # bytes of a process id; so few are written at once, or not at all

    def __init__(self) -> None:
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._reading, False)
        os.set_blocking(self._writing, False)  # nobody may hang where nobody reads
        os.register_at_fork(after_in_child=self._tell)

    def _tell(self) -> None:
        with suppress(BlockingIOError):
            os.write(self._writing, os.getpid().to_bytes(self.LENGTH, "little"))

    def told(self) -> set[int]:
        """Return the process ids that have been told since the last time."""
        found = b""
        with suppress(BlockingIOError):
            while part := os.read(self._reading, 1_024 * self.LENGTH):
                found += part
        return {int.from_bytes(found[at : at + self.LENGTH], "little") for at in range(0, len(found), self.LENGTH)}

"""The processes that a cluster consists of: which there are, and that they end with their parent."""

import os
import signal
import threading
import time
from collections.abc import Mapping
from contextlib import suppress

import psutil

from maintenance import tasks


class ForkedProcesses:
    """Records the process id of every process that this one, or a process forked by it, forks.

    Each process reports itself, so a process that dies between two looks at the process table is still recorded. A
    process that dies before its report has not started anything and holds no lock.
    """

    LENGTH = 8  # bytes of a process id; a write of so few bytes is atomic

    def __init__(self) -> None:
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._reading, False)
        os.set_blocking(self._writing, False)  # a child must not hang where its parent does not read
        os.register_at_fork(after_in_child=self._report)

    def _report(self) -> None:
        with suppress(BlockingIOError):
            os.write(self._writing, os.getpid().to_bytes(self.LENGTH, "little"))

    def take_new(self) -> set[int]:
        """Return the process ids reported since the last call."""
        found = b""
        with suppress(BlockingIOError):
            while part := os.read(self._reading, 1_024 * self.LENGTH):
                found += part
        return {int.from_bytes(found[at : at + self.LENGTH], "little") for at in range(0, len(found), self.LENGTH)}


class StoppedProcesses:
    """Knows since when processes are stopped (SIGSTOP): they are alive, and do nothing."""

    LONGEST = 10.0
    """Seconds after which a stopped process counts as dead."""

    def __init__(self) -> None:
        self._since: dict[psutil.Process, float] = {}

    def note(self, statuses: Mapping[psutil.Process, str | None]) -> None:
        """Note which of some processes are stopped; all others are forgotten."""
        now = time.monotonic()
        stopped = (process for process, status in statuses.items() if status == psutil.STATUS_STOPPED)
        self._since = {process: self._since.get(process, now) for process in stopped}

    def too_long(self) -> bool:
        """Return whether a process has been stopped for longer than `LONGEST`."""
        return any(time.monotonic() - since > self.LONGEST for since in self._since.values())


def status_of(process: psutil.Process) -> str | None:
    """Return the status of a process; `None` where it has ended."""
    try:
        status = str(process.status())
    except psutil.NoSuchProcess:
        return None
    return None if status == psutil.STATUS_ZOMBIE else status


def find_process(pid: int) -> psutil.Process | None:
    """Return the process with an id; `None` where it does not exist."""
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid)
    return None


def send_signal(process: psutil.Process, number: signal.Signals) -> None:
    """Send a signal to a process, unless it has ended."""
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)


def exit_without_parent(grace: float) -> None:
    """Let every process that this one forks, and every process forked by those, exit when its parent is gone.

    A thread in each of them checks every second: the kernel's own mechanism (`PR_SET_PDEATHSIG`) exists on Linux only.
    A run that is active then has `grace` seconds to stop.
    """
    parent = os.getpid()

    def note_parent() -> None:
        nonlocal parent
        parent = os.getpid()

    def watch_parent() -> None:
        threading.Thread(target=tasks.exit_after_parent, args=(parent, grace), daemon=True).start()

    os.register_at_fork(before=note_parent, after_in_child=watch_parent)

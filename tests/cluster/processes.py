"""A cluster, and the processes that it consists of."""

import os
import time
from collections.abc import Callable
from signal import SIGKILL, SIGTERM, Signals
from typing import Any

import psutil

from tests.processes.command import Command, Ended

MARK = "CLUSTER_OF_THE_TESTS"
"""Environment variable by which the processes of a test's clusters are told, orphans too."""
WORKERS = 3
IN_CONTAINER = (
    *("unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "--uts", "--net"),
    *("sh", "-c", 'hostname "$0" && exec "$@"'),
)
"""What starts a program as process 1 of a container that sees no other process and no network; a host name follows."""
SLOW = {"MAINTENANCE_BATCH_PAUSE": "0.02"}
"""Environment with which a run of some thousand rows takes some seconds."""
WITHIN = 15
"""Seconds within which a cluster must be down."""


def marked(mark: str) -> list[psutil.Process]:
    """Return the processes that belong to clusters of a test, and have not ended."""
    return [process for process in psutil.process_iter() if is_alive(process) and _mark_of(process) == mark]


def _mark_of(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(MARK)
    except (psutil.Error, OSError):
        return None


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class ClusterProcess:
    """A cluster that was started as a command."""

    def __init__(self, command: Command, until: Callable[..., Any]) -> None:
        self.command, self._until = command, until

    @property
    def pid(self) -> int:
        return self.command.process.pid

    def log(self) -> str:
        return self.command._err.read_text()

    def out(self) -> str:
        return self.command._out.read_text()

    def errors(self) -> list[str]:
        """Return the lines of the log that tell of an error."""
        return [
            line for line in self.log().splitlines() if " ERROR " in line or " CRITICAL " in line or "Trace" in line
        ]

    def until_up(self) -> None:
        """Wait until all its processes are there."""
        self._until(lambda: self._ended_too_soon() or len(self.family()) == WORKERS + 3)

    def _ended_too_soon(self) -> bool:
        assert not self.command.has_ended(), f"It ended too soon: {self.command.wait()}"
        return False

    def family(self) -> list[psutil.Process]:
        """Return all processes but the leader, in the order in which they were started: the sentinel comes first."""
        try:
            family = psutil.Process(self.pid).children(recursive=True)
            return sorted(filter(is_alive, family), key=lambda process: (process.create_time(), process.pid))
        except psutil.NoSuchProcess:
            return []

    @property
    def sentinel(self) -> psutil.Process:
        return self.family()[0]

    @property
    def workers(self) -> list[psutil.Process]:
        return self.family()[1 : WORKERS + 1]

    def signal(self, number: Signals, *, everybody: bool = False) -> None:
        """Signal the leader; with `everybody`, all its processes, as systemd and Ctrl-C do."""
        for process in self.family() if everybody else ():
            os.kill(process.pid, number)
        self.command.signal(number)

    def assert_down(self, family: list[psutil.Process], status: int = 0) -> Ended:
        """Wait until it is down, with all its family, in time."""
        began = time.monotonic()
        ended = self.command.wait(WITHIN)
        assert ended.status == status, ended
        _, alive = psutil.wait_procs(family, timeout=max(0.0, began + WITHIN - time.monotonic()))
        assert not [process for process in alive if is_alive(process)]
        return ended

    def stop(self, number: Signals = SIGTERM, *, everybody: bool = False) -> Ended:
        family = self.family()
        self.signal(number, everybody=everybody)
        return self.assert_down(family)


class ContainedCluster(ClusterProcess):
    """A cluster that is alone in a container, where its leader is process 1."""

    def __init__(self, command: Command, until: Callable[..., Any]) -> None:
        super().__init__(command, until)
        [leader] = until(lambda: self._ended_too_soon() or psutil.Process(command.process.pid).children())
        self._leader = leader.pid

    @property
    def pid(self) -> int:
        return self._leader

    def signal(self, number: Signals, *, everybody: bool = False) -> None:
        for process in self.family() if everybody else ():
            os.kill(process.pid, number)
        os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill the container with all that is in it."""
        self.command.signal(SIGKILL)
        self.command.wait()

"""Who is this process, on all machines and in all containers?

A host name and a process id are not enough: containers may share a name, each has processes with small ids, and ids are
used again.
"""

import uuid
from contextlib import suppress
from functools import cache
from pathlib import Path

import psutil

BOOT = Path("/proc/sys/kernel/random/boot_id")
PIDS = Path("/proc/self/ns/pid")
STARTED = 19
"""Place of the start time in `/proc/PID/stat`, in ticks since boot, behind the name of the program."""


@cache
def machine() -> str:
    """Return the identity of the place whose process ids this process sees: a boot of a machine, or a container."""
    try:
        return f"{BOOT.read_text().strip()} {PIDS.readlink()}"
    except OSError:  # not Linux
        return f"{uuid.getnode():x} {psutil.boot_time():.0f}"


def started(pid: int) -> int | None:
    """Return when a process of this machine started, as a number that a change of the clock leaves alone.

    `None` where there is no such process, or only what is left of one that has ended.
    """
    try:
        process = psutil.Process(pid)
        if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
            return None
        with suppress(OSError, ValueError, IndexError):
            return int(Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[STARTED])
        return int(process.create_time())
    except psutil.NoSuchProcess:
        return None


def is_alive(pid: int, since: int | None) -> bool:
    """Return whether the process of this machine that started at `since` still exists."""
    start = started(pid)
    return start is not None and start == since

"""Who is this process, on all machines and in all containers?

A host name and a process id are not enough: containers may share a name, each has processes with small ids, and ids are
used again.
"""

import uuid
from contextlib import suppress
from functools import cache
from pathlib import Path

BOOT = Path("/proc/sys/kernel/random/boot_id")
PIDS = Path("/proc/self/ns/pid")
STATE, STARTED = 0, 19
"""Places of the state and of the start time, in ticks since boot, in `/proc/PID/stat` behind the program's name."""
ENDED = ("Z", "X")
"""States of what is left of a process that has ended."""


@cache
def machine() -> str:
    """Return the identity of the place whose process ids this process sees: a boot of a machine, or a container."""
    try:
        return f"{BOOT.read_text().strip()} {PIDS.readlink()}"
    except OSError:  # not Linux
        import psutil

        return f"{uuid.getnode():x} {psutil.boot_time():.0f}"


def started(pid: int) -> int | None:
    """Return when a process of this machine started, as a number that a change of the clock leaves alone.

    `None` where there is no such process, or only what is left of one that has ended.
    """
    if PIDS.is_symlink():
        with suppress(OSError):  # it has ended
            values = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
            return None if values[STATE] in ENDED else int(values[STARTED])
        return None
    return _started_elsewhere(pid)


def _started_elsewhere(pid: int) -> int | None:
    """Return the same where there is no `/proc`. The library takes a tenth of a second to load."""
    import psutil

    try:
        process = psutil.Process(pid)
        is_there = process.is_running() and process.status() != psutil.STATUS_ZOMBIE
        return int(process.create_time()) if is_there else None
    except psutil.NoSuchProcess:
        return None


def is_alive(pid: int, since: int | None) -> bool:
    """Return whether the process of this machine that started at `since` still exists."""
    start = started(pid)
    return start is not None and start == since

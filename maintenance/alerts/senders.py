"""The processes in which a cluster sends messages, one for each channel: one that hangs delays nothing else."""

import os
import subprocess  # nosec B404
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field

from maintenance.alerts import comparison, outbox
from maintenance.core import channels
from maintenance.core.clock import database_now

LONGEST = 150.0
"""Seconds after which a process that has not ended by itself is killed."""
STOP_WITHIN = 2.0


@dataclass
class Sender:
    """A process that sends the messages of a channel."""

    process: subprocess.Popen[bytes]
    began: float = field(default_factory=time.monotonic)

    def has_ended(self) -> bool:
        """Return whether it has ended; kill it where it takes too long."""
        if time.monotonic() - self.began > LONGEST:
            self.process.kill()
        return self.process.poll() is not None


_senders: dict[str, Sender] = {}


def keep() -> None:
    """Compare the health report with what is known, and see to it that what is due is sent."""
    names = [channel.name for channel in channels.configured()]
    for name in [name for name, sender in _senders.items() if sender.has_ended()]:
        del _senders[name]
    if not names:
        return
    comparison.keep()
    now = database_now()
    first = outbox.first_of_each_channel()
    outbox.expire(first, now)
    outbox.drop_channels(first, names)
    for row in first:
        if row.channel in names and row.channel not in _senders and outbox.is_due(row, now):
            _senders[row.channel] = Sender(_start(row.channel))


def _start(channel: str) -> "subprocess.Popen[bytes]":
    """Start `manage.py alerts send`, by whatever name and from whatever folder this process was started."""
    # The name of a channel has letters, digits and a hyphen only.
    return subprocess.Popen(  # noqa: S603 # nosec B603
        [sys.executable, "-m", "django", "alerts", "send", "--channel", channel],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


def stop() -> None:
    """Let the processes end; kill those that do not end in time."""
    deadline = time.monotonic() + STOP_WITHIN
    for sender in _senders.values():
        with suppress(subprocess.TimeoutExpired):
            sender.process.wait(max(0.0, deadline - time.monotonic()))
        if sender.process.poll() is None:
            sender.process.kill()
            sender.process.wait()
    _senders.clear()

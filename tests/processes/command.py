"""A management command as a process of its own, and what it left behind."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psutil
from django.conf import settings

STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
LEASE = 5
"""Seconds; the shortest that the checks allow."""
LONGEST = 300
"""Seconds after which a command that is waited for has hung."""


def database_url(config: Mapping[str, Any]) -> str:
    """Return the URL of the database that `config`, an entry of `DATABASES`, is connected to."""
    if config["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{config['NAME']}"
    user = quote(config["USER"], safe="")
    password = f":{quote(config['PASSWORD'], safe='')}" if config["PASSWORD"] else ""
    port = f":{config['PORT']}" if config["PORT"] else ""
    options = {name: value for name, value in config["OPTIONS"].items() if isinstance(value, str)}
    query = f"?{urlencode(options)}" if options else ""
    return f"postgres://{user}{password}@{config['HOST']}{port}/{config['NAME']}{query}"


@dataclass(frozen=True)
class Ended:
    """How a command ended. `status` is negative where a signal killed it."""

    status: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.out)


class Command:
    """`manage.py` with arguments, started at once; `by` is the program that starts it, with its own arguments."""

    def __init__(
        self, arguments: tuple[str, ...], environment: Mapping[str, str], folder: Path, by: Sequence[str] = ()
    ) -> None:
        ignored = [number for number in STOPS if signal.getsignal(number) is signal.SIG_IGN]
        assert not ignored, "an ignored signal stays ignored in the command"
        self._out, self._err = folder / "out", folder / "err"
        with self._out.open("w") as out, self._err.open("w") as err:
            self.process = subprocess.Popen(
                [*by, sys.executable, "manage.py", *arguments],
                cwd=settings.BASE_DIR,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                process_group=0,
            )

    def signal(self, number: signal.Signals) -> None:
        if not self.has_ended():
            self.process.send_signal(number)

    def stop(self) -> None:
        """Stop the process where it stands (SIGSTOP), and return when it does."""
        self.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WNOWAIT)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def said(self) -> str:
        """Return what it wrote so far, log and output."""
        return self._err.read_text() + self._out.read_text()

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def memory(self) -> int:
        """Return how much memory it occupies, in bytes; 0 once it has ended."""
        try:
            return psutil.Process(self.process.pid).memory_info().rss
        except psutil.Error:
            return 0

    def wait(self, seconds: float = LONGEST) -> Ended:
        """Return how it ended; one that does not end in time is killed, and what it said and where it was is shown."""
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGABRT)  # with PYTHONFAULTHANDLER, it says where each thread is
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(10)
            self.dispose()
            raise AssertionError(f"It did not end within {seconds} s, and had said: {self.wait()}") from None
        return Ended(status, self._out.read_text(), self._err.read_text())

    def dispose(self) -> None:
        """Leave no process behind, whatever became of the test."""
        if not self.has_ended():
            self.process.kill()
            self.process.wait()

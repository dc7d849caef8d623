"""Check-ins: a monitor outside learns when a run starts and how it ends, and that the cluster works.

A thread of its own calls the monitor, in the order of the events, each for `LIMIT` at most. A run never waits for it.
At its end the process waits for `LIMIT` at most in all, so that the last event arrives. An address carries credentials:
it is in no log, and neither is the text of an error.
"""

import atexit
import logging
import os
import queue
import sys
import threading
import time
from dataclasses import dataclass, field

from maintenance.conf import settings
from maintenance.core.checkin_urls import FAIL, LOG, START, SUCCESS, of_heartbeat, of_run
from maintenance.core.states import FAILURES, Status

logger = logging.getLogger(__name__)

LIMIT = 2.0
"""Seconds of one call, and of all that are left when the process ends."""
BEAT_EVERY = 60.0
HEARTBEAT = "heartbeat"
_beat_at: float | None = None


def started(job: str) -> None:
    """Report that a run has started."""
    _report(job, START)


def ended(job: str, status: str) -> None:
    """Report how a run ended. What is neither a success nor a failure is a line in the log of the monitor."""
    _report(job, SUCCESS if status == Status.SUCCEEDED else FAIL if status in FAILURES else LOG)


def beat() -> None:
    """Report once a minute that the cluster works."""
    global _beat_at  # noqa: PLW0603 - one for the process
    now = time.monotonic()
    if settings.CHECKIN_HEARTBEAT_URL and (_beat_at is None or now - _beat_at >= BEAT_EVERY):
        _beat_at = now
        _put(HEARTBEAT, HEARTBEAT)


def drain() -> None:
    """Wait until all events are reported, for `LIMIT` at most."""
    if _sender is not None:
        _sender.drain()


def _report(job: str, event: str) -> None:
    if settings.CHECKIN_URL:
        _put(job, event)


def _put(subject: str, event: str) -> None:
    """Queue an event. Nothing that goes wrong here may end a run."""
    global _sender  # noqa: PLW0603 - one for the process; a fork has none of its parent's threads
    try:
        if event == HEARTBEAT:
            url = of_heartbeat(settings.CHECKIN_HEARTBEAT_URL)
        else:
            url = of_run(settings.CHECKIN_URL, subject, event)
        with _lock:
            if url and (_sender is None or _sender.pid != os.getpid()):
                _sender = _Sender()
        if url and _sender:
            _sender.events.put((subject, event, url))
    except Exception as error:  # its text can quote the address
        logger.warning("The check-in of %s cannot be made (%s).", subject, type(error).__name__)


@dataclass
class _Sender:
    """The thread that calls the monitor, and the events that wait for it."""

    events: "queue.Queue[tuple[str, str, str]]" = field(default_factory=queue.Queue)
    pid: int = field(default_factory=os.getpid)
    failing: set[str] = field(default_factory=set)
    """What could not be reported last time: that is logged once."""

    def __post_init__(self) -> None:
        import urllib.request  # noqa: F401 - not in the thread: a fork during the import would leave its lock held

        threading.Thread(target=self._work, name="check-ins", daemon=True).start()
        atexit.register(self.drain)
        if util := sys.modules.get("multiprocessing.util"):  # a worker of the queue ends without `atexit`
            util.Finalize(None, self.drain, exitpriority=1)

    def drain(self) -> None:
        if self.pid != os.getpid():
            return  # the thread is the parent's
        with self.events.all_tasks_done:
            self.events.all_tasks_done.wait_for(lambda: not self.events.unfinished_tasks, LIMIT)

    def _work(self) -> None:
        while True:
            subject, event, url = self.events.get()
            try:
                self._log(subject, event, _Call.make(url))
            finally:
                self.events.task_done()

    def _log(self, subject: str, event: str, fault: str) -> None:
        if fault and subject not in self.failing:
            logger.warning("The check-in of %s (%s) was not confirmed: %s.", subject, event, fault)
        (self.failing.add if fault else self.failing.discard)(subject)


class _Call(threading.Thread):
    """One call: a monitor that hangs, or answers byte by byte, keeps this thread alone."""

    def __init__(self, url: str) -> None:
        super().__init__(name="check-in", daemon=True)
        self._url = url
        self.fault = f"no answer within {LIMIT:g} s"

    @classmethod
    def make(cls, url: str) -> str:
        """Call an address; return what is wrong, an empty text where nothing is."""
        call = cls(url)
        call.start()
        call.join(LIMIT)
        return call.fault

    def run(self) -> None:
        from urllib.error import HTTPError, URLError
        from urllib.request import Request, urlopen

        request = Request(self._url, headers={"User-Agent": "maintenance-check-in"})  # noqa: S310 - http or https only
        try:
            with urlopen(request, timeout=LIMIT):  # noqa: S310 # nosec B310
                self.fault = ""
        except HTTPError as error:
            self.fault = f"HTTP {error.code}"
        except URLError as error:
            self.fault = type(error.reason).__name__
        except Exception as error:
            self.fault = type(error).__name__


_lock = threading.Lock()
_sender: _Sender | None = None

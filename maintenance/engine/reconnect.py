"""What a run does about an error: it goes on after a lost connection where its lease allows, and names a stall.

The lease decides. While it is held, the run opens a new connection, terminates the old one, and finds out which batches
are committed. Where the lease is lost, or a crash of the server undid batches, the run ends as crashed, and recovery
starts the job again. A server that refuses to write is about to be replaced: its connection counts as lost.
"""

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import Error, connection

from maintenance.core.database import is_read_only, set_limits
from maintenance.core.errors import RunMustEnd, is_worth_a_second_try, refuses_to_write, summary_of
from maintenance.core.logs import RunLogger
from maintenance.engine import lease
from maintenance.engine.cancellation import CancellationToken
from maintenance.engine.committer import Committer
from maintenance.engine.run_log import Event
from maintenance.engine.watchdog import Interrupted, NoProgress, Watchdog
from maintenance.models import JobRun

T = TypeVar("T")

RETRY_EVERY = 0.5
"""Seconds between two attempts to connect."""
MOST_LOSSES = 3
"""A statement that loses its connection, or a lock, this often, one time after another, ends the run."""


class Reconnector:
    """Keeps one run connected."""

    def __init__(self, run: JobRun, token: CancellationToken, watchdog: Watchdog, committer: Committer) -> None:
        self._run, self._token, self._watchdog, self._committer = run, token, watchdog, committer
        self._log = RunLogger(__name__, job=run.job, run_id=run.pk)

    def retry(self, read: Callable[[], T]) -> T:
        """Call a function that may be called again; repeat it after a lost connection or a lock time-out.

        Raises `FenceClosed` where the run must stop, and `RunMustEnd` where the function made no progress.
        """
        for losses_left in reversed(range(MOST_LOSSES)):
            try:
                return read()
            except (Error, Interrupted) as error:
                cause = self.cause_of(error)
                if isinstance(cause, NoProgress):
                    raise RunMustEnd(f"The run made {cause} and was stopped by the watchdog.") from error
                if not losses_left or (cause and not is_worth_a_second_try(cause)):
                    raise
        raise AssertionError

    def cause_of(self, error: BaseException) -> Exception | None:
        """Return the cause of an error that a batch or a statement raised; `None` where its connection was lost.

        The run has a connection afterwards, and can write. Raises `FenceClosed` where the run must stop.
        """
        stall = self._watchdog.take_stall()
        if self._token.is_requested:
            raise lease.FenceClosed from error
        is_lost = not lease.has_connection(self._run)
        refuses = refuses_to_write(error) and not is_lost and is_read_only()
        if is_lost or refuses:
            if not stall:
                what = "database refuses to write" if refuses else "connection to the database was lost"
                self._log.warning("The %s: %s.", what, summary_of(error))
            self._reconnect()
        if stall or not isinstance(error, Exception):
            return stall or NoProgress(self._watchdog.limit)
        return None if is_lost or refuses else error

    def _reconnect(self) -> None:
        """Open a connection within a lease, and go on with what is committed; otherwise raise `FenceClosed`."""
        until = time.monotonic() + lease.lease_time().total_seconds()
        while True:
            try:
                connection.close()
                set_limits()
                lease.move_to_this_connection(self._run)
                before = self._committer.tally.batches
                self._committer.settle()
            except Error as error:
                with self._watchdog.resting():
                    self._token.wait(RETRY_EVERY)
                if self._token.is_requested or time.monotonic() > until:
                    raise lease.FenceClosed from error
            else:
                break
        if self._committer.tally.batches < before:
            raise lease.FenceClosed  # batches are undone, and their rows are not offered again
        self._committer.note(Event.RECONNECTED)
        self._log.info("The run goes on with a new connection.")

"""The cluster: supervises django-q2's processes, and calls scheduler, recovery and health checks in a loop.

It replaces django-q2's own `qcluster` (1.11), see `docs/decisions/0003-a-cluster-command-of-our-own.md`:

- The scheduler of `qcluster` runs every 30 s, and one invalid row keeps all others from firing. Here it runs in a loop.
- SIGTERM to its leader lets running tasks finish, without limit. SIGTERM to all its processes kills runs, and its
  leader often hangs. Here the signals are blocked in all processes but the leader and the workers. The workers stop
  their run at the next batch, and processes that do not exit in time are killed.
- An idle worker that is killed can leave the queue's lock held: no task runs any more, and no error shows. Here all
  processes are restarted when one of them dies.
- When its leader is killed, the other processes continue. Here each process exits when its parent is gone.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from types import FrameType
from typing import Any

import psutil
from django.db import DEFAULT_DB_ALIAS, Error, close_old_connections, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django_q.cluster import Cluster as QueueProcesses

from maintenance import tasks
from maintenance.alerts import senders
from maintenance.cluster import announcements, poll
from maintenance.cluster.attempts import Attempts
from maintenance.cluster.broker import WaitingBroker, WakeUp
from maintenance.cluster.passes import Passes
from maintenance.cluster.processes import (
    ForkedProcesses,
    StoppedProcesses,
    exit_without_parent,
    find_process,
    send_signal,
    status_of,
)
from maintenance.cluster.systemd import Notifier
from maintenance.core import checkins
from maintenance.core.clock import database_now
from maintenance.core.database import set_limits
from maintenance.core.errors import MaintenanceError, NotReady
from maintenance.engine.preflight import verify_version
from maintenance.scheduling import recovery, schedules

logger = logging.getLogger(__name__)

CHECK_EVERY = 0.5
"""Seconds between two checks of the processes, and two looks for work."""
STOP_WITHIN = 10.0
"""Seconds that the processes have for exiting by themselves."""
DATABASE_TIMEOUT = 120.0
"""Seconds without a database after which the cluster exits, so that the service manager restarts it."""
MOST_RESTARTS = 5
"""The largest number of restarts within `RESTART_WINDOW` seconds. After one more the cluster exits."""
RESTART_WINDOW = 300.0


_attempt = Attempts()


class ClusterFailed(MaintenanceError):
    """The cluster cannot continue; the service manager should restart it."""


class Cluster:
    """Keeps the queue's processes running until a signal stops it."""

    def __init__(self, say: Callable[[str], None] = print) -> None:
        self._say = say
        self._stopping = False
        self._reason = "an error (see the log)"
        self._announced_at: datetime | None = None
        self._restarts: list[float] = []
        self._forked = ForkedProcesses()
        self._children: set[psutil.Process] = set()
        """The processes that the sentinel, django-q2's own supervisor, has started."""
        self._stopped = StoppedProcesses()
        self._notifier = Notifier()
        self._wake_up = WakeUp()
        self._work = poll.Work()
        self._verified: int | None = None
        """The last migration with which the database had the version of this process."""
        self._passes = Passes()
        self._database_answers = True
        self._answered_at = time.monotonic()

    def run(self) -> None:
        """Work until SIGTERM or SIGINT. Raises `ClusterFailed` when it cannot."""
        exit_without_parent(STOP_WITHIN)
        connection_created.connect(_limiter(), weak=False, dispatch_uid=__name__)
        _attempt(schedules.add_missing)
        self._start_processes()
        _attempt(self._announce)
        try:
            self._notifier.notify("READY=1")
            while not self._stopping:
                self._notifier.notify("WATCHDOG=1")
                self._check()
                time.sleep(CHECK_EVERY)
        except (ClusterFailed, NotReady) as error:
            self._reason = str(error).rstrip(".")
            raise
        finally:
            self._end()

    def _announce(self) -> None:
        self._say(announcements.started())
        self._announced_at = database_now()

    def _end(self) -> None:
        """Stop the processes; print the reason and, where the database answers, the number of stopped runs."""
        self._notifier.notify("STOPPING=1")
        self._note_forked()
        pids, since = [process.pid for process in self._children], self._announced_at
        self._stop_processes()
        senders.stop()
        counts: list[int] = []
        if since:
            _attempt(lambda: counts.append(announcements.count_stopped(pids, since)))
        with suppress(OSError):  # the output may be closed
            self._say(announcements.stopped(self._reason, counts[0] if counts else None))

    def _check(self) -> None:
        self._look()
        # Without a database the processes die. They are restarted when it answers again.
        if not self._database_answers:
            return
        if not self._check_processes():
            self._restart_processes()
            return
        parts = self._passes.parts_due(self._work)
        if parts:
            close_old_connections()
        for part in parts:
            if not self._check_processes():
                return  # or a run that died with its process is made up for by one that the restart stops
            _attempt(part)  # one that fails does not stop the others
        if parts or self._work.has_task:
            self._wake_up.send()

    def _look(self) -> None:
        """Find out whether the database answers, and whether there is work."""
        self._database_answers = _attempt(self._find_work)
        if self._database_answers:
            self._answered_at = time.monotonic()
        elif time.monotonic() - self._answered_at > DATABASE_TIMEOUT:
            with suppress(Error):
                verify_version()  # where the tables are those of another version, errors are the answer
            raise ClusterFailed("The database has not answered for two minutes: check that it is running.")

    def _find_work(self) -> None:
        work = poll.look()
        if work.last_migration != self._verified:
            verify_version()
            self._verified = work.last_migration
        self._work = work

    def _start_processes(self) -> None:
        connections.close_all()  # a connection does not survive a fork
        checkins.drain()  # nor does a thread, which would leave its locks held
        signal.pthread_sigmask(signal.SIG_BLOCK, tasks.SIGNALS)
        self._processes = QueueProcesses(WaitingBroker(self._wake_up))
        for number in tasks.SIGNALS:
            signal.signal(number, self._on_signal)
        with suppress(RuntimeError):  # the sentinel died at its start: the next check restarts the processes
            self._processes.start()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, tasks.SIGNALS)
        _attempt(recovery.requeue_unstarted)
        self._passes.start_over()

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._stopping = True
        self._reason = signal.Signals(number).name

    def _check_processes(self) -> bool:
        """Return whether all processes of the queue are alive: that the sentinel replaces a dead one is not enough."""
        has_all = self._note_forked()
        sentinel = find_process(self._processes.sentinel.pid)
        statuses = {process: status_of(process) for process in ({sentinel} if sentinel else set()) | self._children}
        self._stopped.note(statuses)
        has_all = has_all and self._processes.sentinel.is_alive() and all(statuses.values())
        return has_all and not self._stopped.too_long()

    def _note_forked(self) -> bool:
        """Record the processes that the sentinel has started; return `False` if one of them is gone already."""
        found = {pid: find_process(pid) for pid in self._forked.take_new() if pid != self._processes.sentinel.pid}
        self._children |= {process for process in found.values() if process}
        return all(found.values())

    def _restart_processes(self) -> None:
        logger.error("A process of the queue died; all of them are restarted.")
        now = time.monotonic()
        self._restarts = [moment for moment in self._restarts if now - moment < RESTART_WINDOW] + [now]
        if len(self._restarts) > MOST_RESTARTS:
            raise ClusterFailed("The processes of the queue died repeatedly: see the log for the cause.")
        self._stop_processes()
        if not self._stopping:
            self._start_processes()

    def _stop_processes(self) -> None:
        """Let runs stop at their next batch and the processes exit; kill those that do not exit in time."""
        sentinel = self._processes.sentinel
        self._note_forked()
        deadline = time.monotonic() + STOP_WITHIN
        for process in self._children:
            send_signal(process, signal.SIGTERM)  # blocked in all but the workers
        if sentinel.is_alive():
            # `set` waits for the sentinel, and forever for one that dies at this moment.
            threading.Thread(target=self._processes.stop_event.set, daemon=True).start()
            sentinel.join(STOP_WITHIN)
        if sentinel.is_alive():
            sentinel.kill()
            sentinel.join(1)
        self._note_forked()  # the sentinel may have replaced a worker that had exited
        _, alive = psutil.wait_procs(self._children, timeout=max(0.0, deadline - time.monotonic()))
        for process in alive:
            logger.error("Process %s did not exit in time and is killed.", process.pid)
            send_signal(process, signal.SIGKILL)
        psutil.wait_procs(alive, timeout=1)
        self._children = set()
        for part in (recovery.reap, recovery.requeue_unstarted):
            _attempt(part)


def _limiter() -> Callable[..., None]:
    """Return a receiver of `connection_created` that gives this process's connections to the database time limits."""
    leader = os.getpid()

    def limit(*, connection: BaseDatabaseWrapper, **_kwargs: Any) -> None:
        if os.getpid() == leader and connection.alias == DEFAULT_DB_ALIAS:
            set_limits()

    return limit

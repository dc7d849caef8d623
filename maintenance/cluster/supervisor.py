"""The cluster: django-q2's processes, and the loop that keeps time and watch over them.

Why not django-q2's own `qcluster` (1.11), see also `docs/decisions/0003-a-cluster-command-of-our-own.md`:

- Its scheduler looks every 30 s, and one unreadable row keeps all others from firing. Ours runs in this loop.
- SIGTERM to its leader lets running tasks finish, without limit; SIGTERM to all its processes kills them in the middle
  and often leaves the leader waiting for ever. Here the signals are blocked in all processes but the leader and the
  workers; the workers stop their run at the next batch; and what is not down in time is killed.
- An idle worker that is killed can leave the queue's lock held, so that nothing is run any more while all looks well.
  When a process of the queue dies, all of them are started afresh.
- When its leader is killed, the others go on, with nobody to stop them. Here each of them ends when its parent is gone.
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

import psutil
from django.db import Error, close_old_connections, connections
from django_q.cluster import Cluster as QueueProcesses

from maintenance import tasks
from maintenance.cluster import announcements
from maintenance.cluster.births import Births
from maintenance.core.clock import database_now
from maintenance.core.database import maintenance_limits
from maintenance.core.errors import MaintenanceError, summary_of
from maintenance.health import canary, snapshot
from maintenance.scheduling import recovery, schedules

logger = logging.getLogger(__name__)

LOOK_EVERY = 0.5
"""Seconds between two looks at the processes."""
WORK_EVERY = 2.0
"""Seconds between two looks at the schedules and at lost runs."""
STOP_WITHIN = 10.0
"""Seconds that the processes have to stop by themselves."""
PATIENCE_WITH_DATABASE = 120.0
"""Seconds without a database after which the cluster ends, for its supervisor to start it again."""
MOST_RESTARTS = 5
"""So many restarts of the processes within `RESTART_WINDOW` seconds are too many: the cluster ends."""
RESTART_WINDOW = 300.0
PARTS = (
    recovery.put_right_late,
    recovery.note_missed,
    schedules.fire_due,
    recovery.reap,
    recovery.resume_interrupted,
    recovery.dispatch,
    canary.keep,
    snapshot.keep,
)
"""What is to be done every few seconds."""


class ClusterFailed(MaintenanceError):
    """The cluster cannot go on; its supervisor should start it again."""


class Cluster:
    """Keeps the queue's processes running until it is told to stop."""

    def __init__(self, say: Callable[[str], None] = print) -> None:
        self._say = say
        self._stopping = False
        self._why = "an error that the log tells"
        self._announced_at: datetime | None = None
        self._restarts: list[float] = []
        self._births = Births()
        self._family: set[psutil.Process] = set()
        """All that the sentinel, which is django-q2's watchman, has started."""
        self._worked_at = 0.0
        self._database_answers = True
        self._answered_at = time.monotonic()

    def run(self) -> None:
        """Work until SIGTERM or SIGINT. Raises `ClusterFailed` when it cannot."""
        end_without_parent()
        self._start_processes()
        _attempt(self._announce)
        try:
            while not self._stopping:
                self._look()
                time.sleep(LOOK_EVERY)
        except ClusterFailed as error:
            self._why = str(error).rstrip(".")
            raise
        finally:
            self._end()

    def _announce(self) -> None:
        self._say(announcements.started())
        self._announced_at = database_now()

    def _end(self) -> None:
        """Stop the processes, and say why, and how many runs that has stopped, where the database knows."""
        self._note_births()
        pids, since = [process.pid for process in self._family], self._announced_at
        self._stop_processes()
        counts: list[int] = []
        if since:
            _attempt(lambda: counts.append(announcements.count_stopped(pids, since)))
        with suppress(OSError):  # nobody may read any more
            self._say(announcements.stopped(self._why, counts[0] if counts else None))

    def _look(self) -> None:
        is_time_to_work = time.monotonic() - self._worked_at >= WORK_EVERY
        if is_time_to_work:
            self._worked_at = time.monotonic()
            self._ask_database()
        # Without a database the processes die, and are of no use; they are started afresh when it is back.
        if self._database_answers and not self._are_well():
            self._start_afresh()
        elif self._database_answers and is_time_to_work:
            # One part that fails keeps no other from being done.
            for part in PARTS:
                _attempt(part)

    def _ask_database(self) -> None:
        self._database_answers = _attempt(database_now)
        if self._database_answers:
            self._answered_at = time.monotonic()
        elif time.monotonic() - self._answered_at > PATIENCE_WITH_DATABASE:
            raise ClusterFailed("The database has not answered for two minutes: see that it is up.")

    def _start_processes(self) -> None:
        connections.close_all()  # a connection does not survive a fork
        signal.pthread_sigmask(signal.SIG_BLOCK, tasks.SIGNALS)
        self._processes = QueueProcesses()
        for number in tasks.SIGNALS:
            signal.signal(number, self._on_signal)
        with suppress(RuntimeError):  # the sentinel died as it began: that is logged, and the next look starts afresh
            self._processes.start()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, tasks.SIGNALS)
        _attempt(recovery.release)
        self._worked_at = 0.0

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._stopping = True
        self._why = signal.Signals(number).name

    def _are_well(self) -> bool:
        """Whether no process of the queue has died. The sentinel replaces one that has, which is not enough."""
        has_all = self._note_births()
        return has_all and self._processes.sentinel.is_alive() and all(map(recovery.is_alive, self._family))

    def _note_births(self) -> bool:
        """Take in which processes the sentinel has started; `False` if one of them has gone already."""
        found = {pid: _process(pid) for pid in self._births.told() if pid != self._processes.sentinel.pid}
        self._family |= {process for process in found.values() if process}
        return all(found.values())

    def _start_afresh(self) -> None:
        logger.error("A process of the queue died; all of them are started afresh.")
        now = time.monotonic()
        self._restarts = [moment for moment in self._restarts if now - moment < RESTART_WINDOW] + [now]
        if len(self._restarts) > MOST_RESTARTS:
            raise ClusterFailed("The processes of the queue keep dying: the log tells which, and may tell why.")
        self._stop_processes()
        if not self._stopping:
            self._start_processes()

    def _stop_processes(self) -> None:
        """Let runs stop at their next batch, then the processes; kill what is not down in time."""
        sentinel = self._processes.sentinel
        self._note_births()
        deadline = time.monotonic() + STOP_WITHIN
        for process in self._family:
            _signal(process, signal.SIGTERM)  # blocked in all but the workers
        if sentinel.is_alive():
            # It waits for the sentinel to take notice, which a sentinel that dies just now never does.
            threading.Thread(target=self._processes.stop_event.set, daemon=True).start()
            sentinel.join(STOP_WITHIN)
        if sentinel.is_alive():
            sentinel.kill()
            sentinel.join(1)
        self._note_births()  # it may have replaced a worker that had stopped
        _, alive = psutil.wait_procs(self._family, timeout=max(0.0, deadline - time.monotonic()))
        for process in alive:
            logger.error("Process %s did not stop in time, and is killed.", process.pid)
            _signal(process, signal.SIGKILL)
        psutil.wait_procs(alive, timeout=1)
        self._family = set()
        for part in (recovery.reap, recovery.release):
            _attempt(part)


def _attempt(part: Callable[[], object]) -> bool:
    """Do a part of the work; `False` when the database refuses. Whatever else goes wrong is told in the log."""
    close_old_connections()  # the scheduler would, and open one without limits
    try:
        with maintenance_limits():
            part()
    except Error as error:
        logger.error("The database refused: %s.", summary_of(error))  # noqa: TRY400 - its text is nobody's business
        connections.close_all()
        return False
    except Exception:
        logger.exception("A part of the cluster's work failed.")
    return True


def _process(pid: int) -> psutil.Process | None:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid)
    return None


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)


def end_without_parent() -> None:
    """Let every process that this one forks, and those that they fork, end when its parent is gone.

    A thread of theirs looks every second: the kernel's own way (`PR_SET_PDEATHSIG`) is Linux's alone.
    """
    parent = os.getpid()

    def note_parent() -> None:
        nonlocal parent
        parent = os.getpid()

    def watch_parent() -> None:
        threading.Thread(target=tasks.end_after, args=(parent, STOP_WITHIN), daemon=True).start()

    os.register_at_fork(before=note_parent, after_in_child=watch_parent)

"""The cluster: django-q2's processes, and the loop that keeps time and watch over them.

Why not `qcluster` alone (django-q2 1.11):

- Its scheduler looks every 30 s, and one unreadable row keeps all others from firing. Ours runs in this loop, right
  after such rows were set aside.
- SIGTERM to its leader lets running tasks finish, without limit; SIGTERM to all its processes kills them in the middle
  and often leaves the leader waiting for ever. Here the signals are blocked in all processes but the leader and the
  workers; the workers stop their run at the next batch; and what is not down in time is killed.
- An idle worker that is killed can leave the queue's lock held, so that nothing is run any more while all looks well.
  When a worker vanishes, the queue's processes are started afresh.
"""

import logging
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

import psutil
from django.db import Error, connections
from django_q.brokers import get_broker
from django_q.cluster import Cluster as QueueProcesses
from django_q.scheduler import scheduler

from maintenance import recovery, schedules
from maintenance.errors import summary_of
from maintenance.tasks import SIGNALS

logger = logging.getLogger(__name__)

LOOK_EVERY = 0.5
"""Seconds between two looks at the processes."""
WORK_EVERY = 5.0
"""Seconds between two looks at the schedules and at lost runs."""
STOP_WITHIN = 10.0
"""Seconds that the processes have to stop by themselves."""
PATIENCE_WITH_DATABASE = 120.0
"""Seconds without a database after which the cluster ends, for its supervisor to start it again."""
MOST_RESTARTS = 5
"""So many restarts of the processes within `RESTART_WINDOW` seconds are too many: the cluster ends."""
RESTART_WINDOW = 300.0


class ClusterFailed(Exception):
    """The cluster cannot go on; its supervisor should start it again."""


class Cluster:
    """Keeps the queue's processes running until it is told to stop."""

    def __init__(self) -> None:
        self._stopping = False
        self._restarts: list[float] = []
        self._workers: set[int] = set()

    def run(self) -> None:
        """Work until SIGTERM or SIGINT. Raises `ClusterFailed` when it cannot."""
        self._start_processes()
        try:
            self._try(self._catch_up)
            last_work, last_success = 0.0, time.monotonic()
            while not self._stopping:
                self._watch_processes()
                now = time.monotonic()
                if now - last_work >= WORK_EVERY:
                    last_work = now
                    if self._try(self._work):
                        last_success = now
                    elif now - last_success > PATIENCE_WITH_DATABASE:
                        raise ClusterFailed("The database has not answered for two minutes.")
                time.sleep(LOOK_EVERY)
        finally:
            self._stop_processes()

    def _catch_up(self) -> None:
        recovery.reap()
        recovery.resume_interrupted()

    def _reap(self) -> None:
        recovery.reap()

    def _work(self) -> None:
        schedules.set_aside_broken()
        recovery.note_missed()
        scheduler(broker=get_broker())
        recovery.reap()
        recovery.dispatch()

    def _try(self, work: Callable[[], None]) -> bool:
        try:
            work()
        except Error as error:
            logger.error("The database refused: %s.", summary_of(error))  # noqa: TRY400 - its text is nobody's business
            connections.close_all()
            return False
        return True

    def _start_processes(self) -> None:
        connections.close_all()  # a connection does not survive a fork
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        self._processes = QueueProcesses()
        for number in SIGNALS:
            signal.signal(number, self._on_signal)
        self._processes.start()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        self._workers = self._descendants_of_sentinel()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _descendants_of_sentinel(self) -> set[int]:
        try:
            return {child.pid for child in psutil.Process(self._processes.sentinel.pid).children(recursive=True)}
        except psutil.NoSuchProcess:
            return set()

    def _watch_processes(self) -> None:
        alive = self._descendants_of_sentinel()
        gone = {pid for pid in self._workers if not recovery.is_alive(pid)}
        if not gone and self._processes.sentinel.is_alive():
            self._workers |= alive
            return
        logger.error("A process of the queue died; all of them are started afresh.")
        now = time.monotonic()
        self._restarts = [moment for moment in self._restarts if now - moment < RESTART_WINDOW] + [now]
        if len(self._restarts) > MOST_RESTARTS:
            raise ClusterFailed("The processes of the queue keep dying.")
        self._stop_processes()
        self._start_processes()
        self._try(self._catch_up)

    def _stop_processes(self) -> None:
        """Let runs stop at their next batch, then the processes; kill what is not down in time."""
        sentinel = self._processes.sentinel
        family = self._family()
        for process in family:
            _signal(process, signal.SIGTERM)  # blocked in all but the workers
        deadline = time.monotonic() + STOP_WITHIN
        if sentinel.is_alive() and self._processes.stop_event is not None:
            self._processes.stop_event.set()
            sentinel.join(STOP_WITHIN)
        _, alive = psutil.wait_procs(family, timeout=max(0.0, deadline - time.monotonic()))
        for process in alive:
            logger.error("Process %s did not stop in time, and is killed.", process.pid)
            _signal(process, signal.SIGKILL)
        psutil.wait_procs(alive, timeout=2)
        self._workers = set()
        self._try(self._reap)

    def _family(self) -> list[psutil.Process]:
        me = psutil.Process(os.getpid())
        return [process for process in me.children(recursive=True) if process.is_running()]


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)

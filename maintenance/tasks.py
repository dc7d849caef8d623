"""The functions that django-q2 calls. They import no job at the top and raise nothing: an error must not kill a worker.

Delivery is at most once: a task leaves the queue before its job starts (`acknowledge_first`), so the task of a worker
that dies is lost, and `maintenance.scheduling.recovery` makes up for it.
"""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime
from types import FrameType
from typing import TYPE_CHECKING, Any

from django.db import Error, connections
from django_q.brokers import get_broker
from django_q.exceptions import TimeoutException

from maintenance.core.errors import summary_of
from maintenance.core.queue_functions import queue_function
from maintenance.engine.cancellation import CancellationToken

if TYPE_CHECKING:
    from maintenance.models import JobRun

logger = logging.getLogger(__name__)

SIGNALS = (signal.SIGTERM, signal.SIGINT)
PARENT_POLL = 1.0
"""Seconds between two checks that the parent process exists."""
shutdown = CancellationToken()
"""Requested when this worker process should stop."""
idle = threading.Event()
"""Set while this process has no task of ours."""
idle.set()


@queue_function
def run_scheduled(name: str, slot: str | None = None) -> str:
    """Run a job at its time; `slot` is the scheduled time in ISO form. Return the status of the run."""
    return _run(name, lambda: _scheduled(name, slot))


@queue_function
def run_queued(run_id: int) -> str:
    """Run a queued run. Return its status."""
    return _run(f"run {run_id}", lambda: _queued(run_id))


def _run(name: str, find: "Callable[[], JobRun | None]") -> str:
    try:
        from maintenance.engine.runner import run_for_queue

        run = find()
        return str(run_for_queue(run, shutdown).status) if run else "gone"
    except (Exception, TimeoutException):
        # The runner has ended the run, or it is declared crashed when its lease is lost. An exception that is raised
        # here would be stored by django-q2, with its text.
        logger.exception("The queue could not run %s.", name)
        return "failed"
    finally:
        idle.set()


def _scheduled(name: str, slot: str | None) -> "JobRun":
    from maintenance.models import JobRun

    return JobRun(job=name, trigger=JobRun.Trigger.SCHEDULE, slot=datetime.fromisoformat(slot) if slot else None)


def _queued(run_id: int) -> "JobRun | None":
    from maintenance.models import JobRun

    return JobRun.objects.filter(pk=run_id, status=JobRun.Status.QUEUED).first()


def acknowledge_first(sender: Any, func: Any, task: dict[str, Any], **_kwargs: Any) -> None:
    """Remove a task of ours from the queue before it starts (a receiver of `pre_execute`).

    Where the database raises, the worker exits: the task is still in the queue and is delivered again after the restart
    of the processes.
    """
    del sender
    if getattr(func, "__module__", None) != __name__ or not task.get("ack_id"):
        return
    idle.clear()
    try:
        get_broker().acknowledge(task["ack_id"])
    except Error as error:
        logger.error("A task cannot start, because the database raised an error: %s.", summary_of(error))  # noqa: TRY400
        sys.exit(1)


def close_connections(task: dict[str, Any], **_kwargs: Any) -> None:
    """Close the connections of a process that waits for its next task, maybe for hours (a receiver of both signals).

    Tasks of the project may follow each other quickly, so their connections stay.
    """
    if str(task["func"]).startswith("maintenance.") and not task.get("sync"):
        for connection in connections.all(initialized_only=True):
            if not connection.in_atomic_block:  # a worker in the process of its caller
                connection.close()


def listen_to_signals(**_kwargs: Any) -> None:
    """Let a signal stop a worker's run at the next batch, instead of killing it (a receiver of `post_spawn`)."""
    for number in SIGNALS:
        signal.signal(number, _on_signal)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def _on_signal(_number: int, _frame: FrameType | None) -> None:
    shutdown.request()


def exit_after_parent(parent: int, grace: float) -> None:
    """Exit this process when its parent is gone; its run has `grace` seconds to stop.

    A process that got a stop signal of its own exits after `grace` seconds as well, because it starts no task any more.
    """
    while os.getppid() == parent and shutdown.age <= grace:
        time.sleep(PARENT_POLL)
    shutdown.request()
    idle.wait(grace)
    os._exit(1)

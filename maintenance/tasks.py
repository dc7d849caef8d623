"""What django-q2 calls. Nothing here imports a job, and nothing gets out: a bad import must not kill a worker.

Delivery is at most once: the task leaves the queue before its job starts (`acknowledge_first`), so a worker that dies
takes its task with it, and recovery is ours (`maintenance.scheduling.recovery`).
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

from django.db import Error
from django_q.brokers import get_broker
from django_q.exceptions import TimeoutException

from maintenance.core.errors import summary_of
from maintenance.engine.cancellation import CancellationToken

if TYPE_CHECKING:
    from maintenance.models import JobRun

logger = logging.getLogger(__name__)

SIGNALS = (signal.SIGTERM, signal.SIGINT)
PARENT_POLL = 1.0
"""Seconds between looks whether the parent process is still there."""
shutdown = CancellationToken()
"""This worker process has been told to stop."""
idle = threading.Event()
"""This process has no task of ours in hand."""
idle.set()


def run_scheduled(name: str, slot: str | None = None) -> str:
    """Run a job at its time; `slot` is the scheduled time in ISO form. Return the status of the run."""
    return _run(name, lambda: _scheduled(name, slot))


def run_queued(run_id: int) -> str:
    """Run what waits as a `queued` run. Return the status of the run."""
    return _run(f"run {run_id}", lambda: _queued(run_id))


def _run(what: str, find: "Callable[[], JobRun | None]") -> str:
    try:
        from maintenance.engine.runner import run_for_queue

        run = find()
        return str(run_for_queue(run, shutdown).status) if run else "gone"
    except (Exception, TimeoutException):
        # The last resort: the run, where there is one, was ended by the runner, or is declared crashed by its lease.
        # Let out, the exception would be kept by django-q2 together with its text.
        logger.exception("The queue could not run %s.", what)
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
    """Take a task of ours off the queue before it starts (a receiver of `pre_execute`).

    Where the database refuses, the worker ends instead: the task is still in the queue, and is offered again when the
    processes have been started afresh.
    """
    del sender
    if getattr(func, "__module__", None) != __name__ or not task.get("ack_id"):
        return
    idle.clear()
    try:
        get_broker().acknowledge(task["ack_id"])
    except Error as error:
        logger.error("A task cannot be begun, because the database refused: %s.", summary_of(error))  # noqa: TRY400
        sys.exit(1)


def listen_to_signals(**_kwargs: Any) -> None:
    """Make a worker stop at the next batch, instead of dying, when it is told to (a receiver of `post_spawn`)."""
    for number in SIGNALS:
        signal.signal(number, _on_signal)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def _on_signal(_number: int, _frame: FrameType | None) -> None:
    shutdown.request()


def end_after(parent: int, patience: float) -> None:
    """End this process when its parent is gone, and with it whoever could stop it: after its run, which stops soon.

    The same when it was told to stop alone, and not by the parent, which would have let it end within `patience`
    seconds: as it is, it would refuse every task.
    """
    while os.getppid() == parent and shutdown.age <= patience:
        time.sleep(PARENT_POLL)
    shutdown.request()
    idle.wait(patience)
    os._exit(1)

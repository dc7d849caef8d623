"""What a cluster prints when it has started, and when it has stopped: a line each."""

import socket
from collections.abc import Iterable
from datetime import datetime

from django_q.conf import Conf

from maintenance import __version__
from maintenance.models import JobRun
from maintenance.reporting import status

STOPPED = (JobRun.Status.INTERRUPTED, JobRun.Status.CRASHED, JobRun.Status.RUNNING)
"""How a run stands that a cluster has stopped; one whose process was killed may be declared crashed later."""


def started() -> str:
    """Return the line that tells that a cluster is up, and what it waits for."""
    return f"Cluster {__version__} on {socket.gethostname()} started with {Conf.WORKERS} workers. {_next_run()}"


def _next_run() -> str:
    if status.get_pause():
        return "All jobs are paused."
    upcoming = [(job.next_run, job.name) for job in status.get_status().jobs if job.next_run]
    if not upcoming:
        return "No job has a next run."
    moment, name = min(upcoming)
    return f"Next run: {name}, {moment:%Y-%m-%d %H:%M} UTC."


def stopped(why: str, count: int | None) -> str:
    """Return the line that tells that a cluster is down, why, and how many runs that has stopped."""
    runs = {None: "The number of stopped runs is unknown.", 1: "1 run was stopped."}
    sentence = runs.get(count, f"{count or 'No'} runs were stopped.")
    return f"Cluster {__version__} on {socket.gethostname()} stopped: {why}. {sentence}"


def count_stopped(pids: Iterable[int], since: datetime) -> int:
    """Return how many runs in some processes of this machine did not come to their end; a pause does not count."""
    runs = JobRun.objects.filter(host=socket.gethostname(), pid__in=list(pids), started_at__gte=since)
    return runs.filter(status__in=STOPPED, details__paused__isnull=True).count()

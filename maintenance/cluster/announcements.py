"""The lines that a cluster prints at its start and at its end."""

import socket
from collections.abc import Iterable
from datetime import datetime

from django_q.conf import Conf

from maintenance import __version__
from maintenance.core import process_identity, time_text
from maintenance.models import JobRun
from maintenance.reporting import status

STOPPED = (JobRun.Status.INTERRUPTED, JobRun.Status.CRASHED, JobRun.Status.RUNNING)
"""States of a run that a cluster has stopped; a run whose process was killed may be declared crashed later."""


def started() -> str:
    """Return the line at the start: version, host, workers and next run."""
    return f"Cluster {__version__} on {socket.gethostname()} started with {Conf.WORKERS} workers. {_next_run()}"


def _next_run() -> str:
    if pause := status.get_pause():
        return f"All jobs are paused{f' until {time_text.minute(pause.until)}' if pause.until else ''}."
    jobs = status.get_status().jobs
    upcoming = [(job.next_run, job.name) for job in jobs if job.next_run and not (job.paused and not job.paused.until)]
    if not upcoming:
        return "No job has a next run."
    moment, name = min(upcoming)
    return f"Next run: {name}, {time_text.minute(moment)}."


def stopped(reason: str, count: int | None) -> str:
    """Return the line at the end: the reason, and the number of stopped runs."""
    runs = {None: "The number of stopped runs is unknown.", 1: "1 run was stopped."}
    sentence = runs.get(count, f"{count or 'No'} runs were stopped.")
    return f"Cluster {__version__} on {socket.gethostname()} stopped: {reason}. {sentence}"


def count_stopped(pids: Iterable[int], since: datetime) -> int:
    """Return the number of unfinished runs of some processes of this host, without those that a pause stopped."""
    runs = JobRun.objects.filter(machine=process_identity.machine(), pid__in=list(pids), started_at__gte=since)
    return runs.filter(status__in=STOPPED, details__paused__isnull=True).count()

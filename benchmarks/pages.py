"""The operator's pages with a year of history: milliseconds of the server's time, and queries."""

import statistics
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bazaar.models import User
from benchmarks.statements import Statements
from benchmarks.workloads.base import settle_down
from maintenance.core import registry
from maintenance.health import snapshot
from maintenance.models import JobRun
from maintenance.scheduling import schedules

RUNS = 17_000
"""A year of nine jobs, most of them daily, with what operators start besides, five times over."""
VIEWS = 15


def measure() -> dict[str, dict[str, float]]:
    """Look at each page as an operator with all permissions; return the median and the worst, and the queries."""
    _live_for_a_year()
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.create_superuser("operator@example.org"))
    return {name: _measure_one(client, address) for name, address in _pages()}


def _live_for_a_year() -> None:
    schedules.synchronise()
    jobs, now = [job.name for job in registry.all_jobs()], timezone.now()
    moments = ((number, now - timedelta(days=365) * (1 - number / RUNS)) for number in range(RUNS))
    JobRun.objects.bulk_create(_run(jobs, number, moment) for number, moment in moments)
    settle_down()
    snapshot.keep()


def _run(jobs: Sequence[str], number: int, moment: datetime) -> JobRun:
    return JobRun(
        job=jobs[number % len(jobs)],
        trigger=JobRun.Trigger.SCHEDULE,
        dry_run=number % 40 == 0,
        status=JobRun.Status.FAILED if not number % 50 else JobRun.Status.SUCCEEDED,
        queued_at=moment,
        started_at=moment,
        heartbeat_at=moment,
        finished_at=moment + timedelta(seconds=number % 9),
        items_due=90,
        items_done=number % 90,
        message="Deleted some.",
        details={"counts": {"deleted": number % 90}, "batches": {"count": 2}},
    )


def _pages() -> Iterator[tuple[str, str]]:
    job = registry.all_jobs()[0].name
    latest = JobRun.objects.filter(job=job).order_by("-pk").values_list("pk", flat=True)[0]
    yield "first page", reverse("admin:index")
    yield "jobs", reverse("admin:maintenance_jobs")
    yield "job", reverse("admin:maintenance_job", args=[job])
    yield "run", reverse("admin:maintenance_jobrun_change", args=[latest])
    yield "schedule", reverse("admin:maintenance_schedule", args=[job])
    yield "retention", reverse("admin:maintenance_retention")
    yield "cluster", reverse("admin:maintenance_cluster")
    yield "all runs", reverse("admin:maintenance_jobrun_changelist")


def _measure_one(client: Client, address: str) -> dict[str, Any]:
    cache.clear()
    cold = Statements()
    with connection.execute_wrapper(cold):
        _get(client, address)
    taken = []
    for _ in range(VIEWS):
        began = time.perf_counter()
        _get(client, address)
        taken.append((time.perf_counter() - began) * 1_000)
    return {"median": statistics.median(taken), "worst": max(taken), "queries": cold.number}


def _get(client: Client, address: str) -> None:
    answer = client.get(address)
    if answer.status_code != 200:  # noqa: PLR2004 - OK
        raise RuntimeError(f"{address} answered {answer.status_code}.")

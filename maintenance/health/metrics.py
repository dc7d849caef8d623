"""Metrics in Prometheus' format. Each scrape reads the database, so that all processes serve the same values.

Counters are totals of the history and of the runs pruned from it (`maintenance.reporting.totals`). They never decrease.
"""

from collections.abc import Iterable, Iterator
from itertools import product

from django.utils import timezone
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from maintenance.core import registry
from maintenance.core.clock import database_now
from maintenance.core.latest_rows import is_latest
from maintenance.core.states import UNFINISHED, Level, Status
from maintenance.health import doctor
from maintenance.models import Canary, JobRun
from maintenance.reporting import queue_state, status
from maintenance.reporting.links import link_to
from maintenance.reporting.totals import totals

ENDED = sorted(str(state) for state in Status if state not in UNFINISHED)
PAGES = ("jobs", "cluster", "retention")
CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


def render() -> bytes:
    """Return all metrics as text. Raises `django.db.Error` where the database does not answer."""
    prometheus = CollectorRegistry()
    prometheus.register(_Collector())
    return generate_latest(prometheus)


class _Collector(Collector):
    def describe(self) -> Iterable[Metric]:
        return []  # otherwise registering would collect

    def collect(self) -> Iterator[Metric]:
        yield from _runs()
        yield from _last_runs()
        yield from _queue()
        yield from _health()
        yield from _pages()


def _runs() -> Iterator[Metric]:
    runs = CounterMetricFamily("maintenance_runs", "Runs that have ended.", labels=["job", "status"])
    items = CounterMetricFamily("maintenance_items", "Items that runs have processed.", labels=["job", "status"])
    seconds = CounterMetricFamily("maintenance_run_seconds", "Total duration of the runs.", labels=["job", "status"])
    counted = {(total.job, total.status): total for total in totals()}
    # A counter that begins with its first run would hide it from `increase`.
    for job, state in product(registry.names(), ENDED):
        if (job, state) not in counted:
            runs.add_metric([job, state], 0)
    for total in counted.values():
        labels = [total.job, total.status]
        runs.add_metric(labels, total.runs)
        items.add_metric(labels, total.items)
        seconds.add_metric(labels, total.duration.total_seconds())
    yield from (runs, items, seconds)


def _last_runs() -> Iterator[Metric]:
    success = GaugeMetricFamily(
        "maintenance_last_success_timestamp_seconds", "End of the last run that succeeded.", labels=["job"]
    )
    duration = GaugeMetricFamily("maintenance_last_run_seconds", "Duration of the last run.", labels=["job"])
    backlog = GaugeMetricFamily("maintenance_backlog_items", "Items remaining after the last run.", labels=["job"])
    running = GaugeMetricFamily("maintenance_running", "Whether the job is running.", labels=["job"])
    enabled = GaugeMetricFamily("maintenance_enabled", "Whether the schedule is enabled.", labels=["job"])
    paused = GaugeMetricFamily("maintenance_paused", "Whether the job is paused.", labels=["job"])
    succeeded = JobRun.objects.filter(status=JobRun.Status.SUCCEEDED, dry_run=False)
    latest = JobRun.objects.filter(is_latest(succeeded, "job", registry.names()))
    ended = dict(latest.values_list("job", "finished_at"))
    for job in status.get_status().jobs:
        running.add_metric([job.name], job.is_running)
        enabled.add_metric([job.name], job.enabled)
        paused.add_metric([job.name], job.paused is not None)
        if at := ended.get(job.name):
            success.add_metric([job.name], at.timestamp())
        if job.last_result:
            duration.add_metric([job.name], job.last_result.duration.total_seconds())
            backlog.add_metric([job.name], job.last_result.details.get("backlog") or 0)
    yield from (success, duration, backlog, running, enabled, paused)


def _queue() -> Iterator[Metric]:
    state, canary = queue_state.get(), Canary.objects.first()
    age_of_oldest = (timezone.now() - state.oldest).total_seconds() if state.oldest else 0
    yield GaugeMetricFamily("maintenance_queue_tasks", "Queued tasks.", state.waiting)
    yield GaugeMetricFamily("maintenance_queue_oldest_seconds", "Age of the oldest queued task.", age_of_oldest)
    yield GaugeMetricFamily("maintenance_clusters", "Clusters with a current heartbeat.", state.clusters)
    yield GaugeMetricFamily("maintenance_workers", "Workers of these clusters.", state.workers)
    yield GaugeMetricFamily("maintenance_workers_busy", "Busy workers.", state.busy_workers)
    age = GaugeMetricFamily("maintenance_canary_age_seconds", "Age of the last heartbeat from the queue.")
    trip = GaugeMetricFamily(
        "maintenance_canary_round_trip_seconds", "Round trip of the last heartbeat from the queue."
    )
    if canary and canary.echoed_at:
        age.add_metric([], (database_now() - canary.echoed_at).total_seconds())
        if canary.round_trip is not None:
            trip.add_metric([], canary.round_trip.total_seconds())
    yield from (age, trip)


def _health() -> Iterator[Metric]:
    report = doctor.check()
    problems = GaugeMetricFamily(
        "maintenance_problems", "Warnings and errors of `manage.py doctor`.", labels=["code", "level"]
    )
    found = [(result.code, result.level) for result in report.results if result.level is not Level.WELL]
    for code, level in dict.fromkeys(found):
        problems.add_metric([code, level], found.count((code, level)))
    yield problems
    yield GaugeMetricFamily("maintenance_well", "Whether `manage.py doctor` finds no error.", report.is_healthy)
    yield GaugeMetricFamily("maintenance_jobs", "Registered jobs.", len(registry.all_jobs()))


def _pages() -> Iterator[Metric]:
    """The addresses of pages, for the links of alert rules; none where `SITE_URL` is not set."""
    if not link_to("admin:maintenance_jobs"):
        return
    info = GaugeMetricFamily("maintenance_page_info", "Addresses of pages.", labels=["page", "url"])
    for page in PAGES:
        info.add_metric([page, link_to(f"admin:maintenance_{page}")], 1)
    yield info

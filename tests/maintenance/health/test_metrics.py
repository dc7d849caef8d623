"""Metrics: readable by Prometheus' own parser, only with the token, and counters never fall."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ
from prometheus_client.parser import text_string_to_metric_families

from maintenance.core import registry
from maintenance.engine.runner import run_now
from maintenance.health import canary, metrics
from maintenance.models import Canary, JobRun

pytestmark = pytest.mark.django_db

TOKEN = "only-for-tests"
JOB = "cleanup-push-tokens"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def token(settings):
    settings.METRICS_TOKEN = TOKEN


@pytest.fixture
def scrape(client):
    """Read the metrics as Prometheus does: samples by name and labels."""

    def scrape():
        response = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert response.status_code == 200
        assert response["Content-Type"].startswith("text/plain; version=0.0.4")
        families = list(text_string_to_metric_families(response.content.decode()))
        assert all(family.documentation and family.type in ("counter", "gauge") for family in families)
        names = [family.name for family in families]
        assert len(names) == len(set(names))
        return {
            (sample.name, *sorted(sample.labels.items())): sample.value
            for family in families
            for sample in family.samples
        }

    return scrape


def counters(samples):
    return {key: value for key, value in samples.items() if key[0].endswith("_total")}


def make_run(status="succeeded", job=JOB, ended=LONG_AGO, **fields):
    return JobRun.objects.create(
        **{
            "job": job,
            "trigger": "schedule",
            "status": status,
            "queued_at": ended - timedelta(seconds=90),
            "started_at": ended - timedelta(seconds=90),
            "finished_at": ended,
            "items_done": 7,
            **fields,
        }
    )


def test_without_the_setting_there_are_no_metrics(client, settings):
    settings.METRICS_TOKEN = ""

    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Bearer wrong", TOKEN, f"Basic {TOKEN}"])
def test_without_the_token_the_metrics_are_refused(client, header):
    response = client.get("/metrics", headers={"Authorization": header} if header is not None else {})

    assert response.status_code == 401
    assert b"maintenance" not in response.content


def test_a_database_error_is_answered_without_its_text(client, monkeypatch):
    def fail():
        raise OperationalError("ann@example.org")

    monkeypatch.setattr(metrics, "totals", fail)

    response = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})

    assert response.status_code == 503
    assert response.content == b"The database refused (OperationalError).\n"


def test_metrics_before_the_first_run(scrape):
    samples = scrape()

    assert set(counters(samples).values()) == {0}
    assert samples["maintenance_runs_total", ("job", JOB), ("status", "failed")] == 0
    assert samples["maintenance_paused", ("job", JOB)] == 0
    assert samples["maintenance_jobs",] == len(registry.all_jobs())
    assert samples["maintenance_enabled", ("job", JOB)] == 1
    assert ("maintenance_canary_age_seconds",) not in samples


def test_runs_are_counted_by_job_and_status(scrape):
    make_run()
    make_run()
    make_run("failed", details={"backlog": 12}, items_done=0)
    make_run(dry_run=True)
    make_run("running", finished_at=None)

    samples = scrape()

    def of(name, status):
        return samples[name, ("job", JOB), ("status", status)]

    assert (of("maintenance_runs_total", "succeeded"), of("maintenance_runs_total", "failed")) == (2, 1)
    assert of("maintenance_items_total", "succeeded") == 14
    assert of("maintenance_run_seconds_total", "succeeded") == 180
    assert samples["maintenance_last_success_timestamp_seconds", ("job", JOB)] == LONG_AGO.timestamp()
    assert samples["maintenance_last_run_seconds", ("job", JOB)] == 90
    assert samples["maintenance_backlog_items", ("job", JOB)] == 12
    assert ("maintenance_runs_total", ("job", JOB), ("status", "running")) not in samples


def test_a_run_out_of_time_has_its_backlog(scrape):
    make_run()
    make_run("out_of_time", details={"backlog": 7_800}, ended=LONG_AGO + timedelta(days=1))

    samples = scrape()

    assert samples["maintenance_runs_total", ("job", JOB), ("status", "out_of_time")] == 1
    assert samples["maintenance_backlog_items", ("job", JOB)] == 7_800
    assert samples["maintenance_last_success_timestamp_seconds", ("job", JOB)] == LONG_AGO.timestamp()
    assert samples["maintenance_problems", ("code", "job-out-of-time"), ("level", "warning")] == 1


def test_queue_and_canary(scrape):
    canary.keep()
    OrmQ.objects.all().delete()
    canary.come_back(1)
    Canary.objects.update(echoed_at=timezone.now() - timedelta(seconds=30), round_trip=timedelta(seconds=2))
    for seconds in (10, 20):
        OrmQ.objects.create(key=Conf.CLUSTER_NAME, payload="", lock=timezone.now() - timedelta(seconds=seconds))

    samples = scrape()

    assert samples["maintenance_queue_tasks",] == 2
    assert 20 <= samples["maintenance_queue_oldest_seconds",] < 30
    assert 30 <= samples["maintenance_canary_age_seconds",] < 40
    assert samples["maintenance_canary_round_trip_seconds",] == 2
    assert (samples["maintenance_clusters",], samples["maintenance_workers",]) == (1, Conf.WORKERS)


def test_findings_of_the_health_checks(scrape):
    samples = scrape()

    assert samples["maintenance_well",] == 0
    assert samples["maintenance_problems", ("code", "no-cluster"), ("level", "wrong")] == 1


def test_counters_never_decrease_by_pruning(scrape, batches_of):
    batches_of(2)
    for status in ("succeeded", "failed", "skipped"):
        for _ in range(5):
            make_run(status)
    before = counters(scrape())

    run_now("cleanup-run-history")

    assert JobRun.objects.filter(job=JOB).count() == 2
    after = counters(scrape())
    of_job = {key: value for key, value in before.items() if ("job", JOB) in key}
    assert {key: after[key] for key in of_job} == of_job
    assert all(after[key] >= value for key, value in before.items())
    assert before["maintenance_runs_total", ("job", JOB), ("status", "skipped")] == 5


def test_no_metric_names_a_person(client):
    make_run("failed", message="ann@example.org", details={"ids": ["ann@example.org"]})

    assert b"ann@" not in client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content

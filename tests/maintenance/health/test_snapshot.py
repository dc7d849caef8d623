"""What pages say is what the doctor says: the cheap looks at once, the others as the cluster wrote them down."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from maintenance.cluster import passes
from maintenance.core import registry
from maintenance.engine.runner import run_now
from maintenance.health import canary, doctor, probes, snapshot
from maintenance.health.check_result import Level
from maintenance.health.context import HealthContext
from maintenance.models import Canary, ClusterHeartbeat, HealthSnapshot, JobRun
from maintenance.scheduling import controls, schedules
from tests.maintenance.pages.people import client_of, person, text_of

pytestmark = pytest.mark.django_db

JOB = "cleanup-push-tokens"
OF_DATABASE = "database"
"""A page that is there needs no verdict about it."""


@pytest.fixture(autouse=True)
def working(empty_cache):
    """A cluster is up, its canary returned, and it has stored the results of the slow checks."""
    schedules.synchronise()
    canary.keep()
    OrmQ.objects.all().delete()
    canary.come_back(1)
    snapshot.keep()


def examine_again():
    HealthSnapshot.objects.all().delete()
    snapshot.keep()


def said_by(report):
    return sorted((found.level, found.code, found.job) for found in report.results if found.code != OF_DATABASE)


FAULTS = {
    "no cluster": lambda: ClusterHeartbeat.objects.all().delete(),
    "stuck": lambda: Canary.objects.update(
        number=9, sent_at=Now() - timedelta(minutes=3), echoed_at=Now() - timedelta(minutes=6)
    ),
    "broken schedule": lambda: schedules.ours().filter(name=JOB).update(cron="0 0 31 2 *"),
    "overdue": lambda: schedules.ours().filter(name=JOB).update(next_run=Now() - timedelta(minutes=2)),
    "failed": lambda: JobRun.objects.create(job=JOB, trigger="schedule", status="failed", started_at=timezone.now()),
    "lost": lambda: JobRun.objects.create(job=JOB, trigger="schedule", status="running", started_at=timezone.now()),
    "waits": lambda: JobRun.objects.create(
        job=JOB, trigger="admin", task_id="1", queued_at=timezone.now() - timedelta(hours=1)
    ),
    "paused": controls.pause,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_page_has_the_results_of_the_doctor(fault):
    well = said_by(snapshot.page_report(HealthContext()))
    assert {level for level, *_ in well} == {Level.WELL}
    assert well == said_by(doctor.check())

    FAULTS[fault]()

    told = said_by(snapshot.page_report(HealthContext()))
    assert told == said_by(doctor.check())
    assert told != well


def test_slow_results_are_those_of_the_cluster(tokens):
    tokens(1)
    assert said_by(snapshot.page_report(HealthContext())) != said_by(doctor.check())

    examine_again()

    assert said_by(snapshot.page_report(HealthContext())) == said_by(doctor.check())
    assert ("wrong", "retention-overdue", JOB) in said_by(snapshot.page_report(HealthContext()))
    run_now(JOB)
    examine_again()
    assert snapshot.page_report(HealthContext()).level == Level.WELL


def test_stored_results_are_those_of_the_doctor():
    found = doctor.run_probes(probes.SLOW, HealthContext())

    kept = HealthSnapshot.objects.get()

    assert [(one["code"], one["sentence"], one["remedy"]) for one in kept.results] == [
        (one.code, one.sentence, one.remedy) for one in found
    ]
    assert set(probes.SLOW) < set(probes.ALL)


def test_slow_checks_run_once_per_interval_on_all_machines():
    assert snapshot.keep in passes.PARTS
    assert snapshot.keep in passes.SIGNS
    first = HealthSnapshot.objects.get().checked_at
    snapshot.keep()
    assert HealthSnapshot.objects.get().checked_at == first

    HealthSnapshot.objects.update(checked_at=F("checked_at") - snapshot.EVERY)
    snapshot.keep()
    assert HealthSnapshot.objects.get().checked_at > first


def test_slow_checks_run_soon_after_a_run(tokens):
    tokens(1)
    examine_again()
    assert "retention-overdue" in [found["code"] for found in HealthSnapshot.objects.get().results]
    HealthSnapshot.objects.update(checked_at=F("checked_at") - snapshot.SOON)
    snapshot.keep()
    assert "retention-overdue" in [found["code"] for found in HealthSnapshot.objects.get().results]
    before = HealthSnapshot.objects.get().checked_at

    run_now(JOB)
    JobRun.objects.update(finished_at=before + timedelta(seconds=1))
    snapshot.keep()

    assert HealthSnapshot.objects.get().checked_at > before
    assert "retention-overdue" not in [found["code"] for found in HealthSnapshot.objects.get().results]


def test_slow_checks_run_after_a_clock_was_set_back():
    HealthSnapshot.objects.update(checked_at=Now() + timedelta(days=1))

    snapshot.keep()

    assert HealthSnapshot.objects.get().checked_at < timezone.now() + timedelta(minutes=1)


@pytest.mark.parametrize("is_up", [True, False])
def test_old_results_are_not_shown(is_up):
    viewer = client_of(person("view_jobrun"))
    address = reverse("admin:maintenance_jobs")
    assert "last examined" not in text_of(viewer, address)
    if not is_up:
        ClusterHeartbeat.objects.all().delete()
    just = timedelta(seconds=5)
    HealthSnapshot.objects.update(checked_at=Now() - snapshot.STALE_AFTER + just)
    assert "not-examined-lately" not in [found.code for found in snapshot.page_report(HealthContext()).results]

    HealthSnapshot.objects.update(checked_at=Now() - snapshot.STALE_AFTER - just)

    [told] = [found for found in snapshot.page_report(HealthContext()).results if found.code == "not-examined-lately"]
    assert told.level == Level.WRONG
    assert told.remedy == (probes.RESTART if is_up else probes.START)
    assert told.sentence in text_of(viewer, address)
    codes = {found["code"] for found in HealthSnapshot.objects.get().results}
    assert codes
    assert not codes & {found.code for found in snapshot.page_report(HealthContext()).results}


def test_without_results_a_page_is_not_healthy():
    HealthSnapshot.objects.all().delete()

    report = snapshot.page_report(HealthContext())

    assert (report.level, report.slow_checked_at) == (Level.WRONG, None)


def test_a_canary_that_returns_during_a_request_is_0_s_old():
    context = HealthContext()
    assert context.now
    Canary.objects.update(echoed_at=Now() + timedelta(milliseconds=500))

    [told] = [found for found in snapshot.page_report(context).results if found.code == "canary-back"]

    assert " 0 s ago" in told.sentence


def test_an_action_is_seen_at_once():
    controls.disable(JOB)
    controls.pause()

    codes = [found.code for found in snapshot.page_report(HealthContext()).results]
    assert "paused" in codes
    controls.resume()
    assert snapshot.page_report(HealthContext()).level == Level.WELL


def test_concurrent_requests_share_one_report(client, monkeypatch):
    monkeypatch.setattr(doctor, "_cache", doctor._Cache())
    assert client.get("/health/jobs").status_code == 200
    ClusterHeartbeat.objects.all().delete()
    with monkeypatch.context() as patch:
        patch.setattr(doctor, "check", pytest.fail)
        assert client.get("/health/jobs").status_code == 200
    assert not doctor.check().is_healthy  # the command does not wait

    doctor._cache.until -= doctor.CACHED_FOR.total_seconds()

    assert client.get("/health/jobs").status_code == 503
    assert timedelta(seconds=10) >= doctor.CACHED_FOR


def test_the_report_of_a_page_takes_few_queries(django_assert_max_num_queries):
    assert registry.all_jobs()
    with django_assert_max_num_queries(11):
        snapshot.page_report(HealthContext())

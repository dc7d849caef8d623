"""What the doctor tells of jobs and their runs."""

from datetime import timedelta

import pytest
from dateutil.relativedelta import relativedelta
from django.db.models.functions import Now
from django.utils import timezone

from maintenance.core import registry
from maintenance.engine import lease
from maintenance.engine.runner import run_now
from maintenance.health import doctor
from maintenance.models import JobRun, Pause
from maintenance.scheduling import controls, schedules
from tests.factories import AuditLogFactory, DeletionRequestFactory, PushTokenFactory
from tests.maintenance.health.contexts import JOB, MOMENT, start_run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("healthy")]


def test_an_invalid_age_limit(examine, settings):
    settings.PUSH_TOKEN_RETENTION_DAYS = 0
    assert examine() == (["setting-wrong"], 503)


def test_a_disabled_job_is_no_finding(examine):
    controls.disable(JOB)

    assert examine() == ([], 200)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"progressed_at": Now() - timedelta(days=3)}, "has made no progress for 72 h"),
        ({"started_at": Now() - timedelta(days=3)}, "has been running for 72 h 0 min; its time budget is 1 h"),
    ],
    ids=["no progress", "past its time budget"],
)
def test_a_run_that_holds_its_lease_and_does_nothing(examine, fields, sentence):
    run = start_run()
    assert examine() == ([], 200)

    JobRun.objects.filter(pk=run.pk).update(**fields)

    assert examine() == (["run-hangs"], 503)
    [finding] = [result for result in doctor.check().results if result.code == "run-hangs"]
    assert sentence in finding.sentence


def test_a_run_without_heartbeat(examine):
    run = start_run()
    assert examine() == ([], 200)
    JobRun.objects.filter(pk=run.pk).update(heartbeat_at=Now() - 2 * lease.lease_time())
    assert examine() == (["run-stale"], 503)

    lease.declare_crashed(JobRun.objects.all())
    assert examine() == (["job-failed"], 503)
    run_now(JOB)
    assert examine() == ([], 200)


def test_a_request_that_no_worker_takes(examine):
    run = JobRun.objects.create(job=JOB, trigger="admin", task_id="1", queued_at=timezone.now() - timedelta(minutes=20))
    assert examine() == (["run-waits"], 503)

    run.delete()
    assert examine() == ([], 200)


@pytest.mark.parametrize("status", ["failed", "partial", "crashed"])
def test_a_failed_last_run(examine, status):
    now = timezone.now()
    JobRun.objects.create(job=JOB, trigger="schedule", status=status, started_at=now, finished_at=now)
    assert examine() == (["job-failed"], 503)

    run_now(JOB)
    assert examine() == ([], 200)


def test_a_job_that_raises(examine, monkeypatch, tokens):
    def fail(_self, _batch):
        raise RuntimeError

    tokens(2)
    with monkeypatch.context() as patch:
        patch.setattr(type(registry.get(JOB)), "process", fail)
        run_now(JOB)
        assert examine() == (["job-failed"], 503)
    run_now(JOB)
    assert examine() == ([], 200)


def test_a_job_that_cannot_be_loaded(examine, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setitem(registry._broken, "gone", "ModuleNotFoundError")
        assert examine() == (["job-broken"], 503)
    assert examine() == ([], 200)


def test_overdue_data(examine, tokens):
    tokens(1)
    assert examine() == (["retention-overdue"], 503)
    start_run(trigger="command")
    assert examine() == ([], 200)

    JobRun.objects.all().delete()
    run_now(JOB)
    assert examine() == ([], 200)


@pytest.mark.parametrize(("age", "codes"), [(timedelta(hours=20), []), (timedelta(hours=50), ["retention-overdue"])])
def test_a_job_has_one_day_of_grace(examine, tokens, age, codes):
    [token] = tokens(1)
    token.last_used_at = timezone.now() - timedelta(days=90) - age
    token.save()

    assert examine()[0] == codes


@pytest.mark.parametrize(("age", "is_told"), [(MOMENT, True), (timedelta(0), False)])
def test_a_weekly_job_has_one_day_of_grace(age, is_told):
    row = schedules.ours().get(name="delete-audit-logs")
    slot = row.next_run - timedelta(days=7)
    if timezone.now() - slot < timedelta(days=1):
        slot -= timedelta(days=7)
    AuditLogFactory(created_at=slot - relativedelta(years=3) - age)

    told = [verdict.job for verdict in doctor.check().results if verdict.code == "retention-overdue"]

    assert ("delete-audit-logs" in told) == is_told


def test_an_overdue_deletion(examine):
    DeletionRequestFactory(scheduled_for=timezone.now() - timedelta(days=3))
    assert examine() == (["retention-overdue"], 503)

    run_now("finalize-deletions")
    assert examine() == ([], 200)


def test_a_pause(examine):
    controls.pause(reason="Ann asked for it")
    assert examine() == (["paused"], 200)
    assert "Ann" not in str(doctor.check().as_json())

    controls.resume()
    assert examine() == ([], 200)


def test_a_paused_job_is_not_late_however_long_the_pause(examine):
    controls.pause("cleanup-push-tokens", until=timezone.now() + timedelta(days=300))
    schedules.ours().filter(name="cleanup-push-tokens").update(next_run=timezone.now() - timedelta(days=3))
    JobRun.objects.create(job="another", trigger="schedule", status="succeeded")
    PushTokenFactory(last_used_at=timezone.now() - timedelta(days=200))

    assert examine() == (["paused-until"], 200)


def test_a_pause_whose_end_no_cluster_has_seen_is_no_fault_of_the_schedule(examine):
    controls.pause("cleanup-push-tokens", until=timezone.now() + timedelta(days=1))
    Pause.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert examine() == ([], 200)

    Pause.objects.update(until=timezone.now() - timedelta(minutes=5))
    schedules.ours().filter(name="cleanup-push-tokens").update(next_run=timezone.now() - timedelta(minutes=10))
    assert examine() == (["schedule-overdue"], 503), "the cluster should have made it good"

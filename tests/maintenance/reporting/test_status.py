from datetime import timedelta

import pytest
from django.db.models.functions import Now

from maintenance.core import registry
from maintenance.core.clock import database_now
from maintenance.core.errors import InvalidCron, UnknownJob
from maintenance.engine import lease
from maintenance.engine.runner import run_now
from maintenance.models import JobRun, JobSetting
from maintenance.reporting import status
from maintenance.scheduling import controls

pytestmark = pytest.mark.django_db


def start_row(name, **fields):
    run = JobRun.objects.create(job=name, trigger="schedule", status="running", **fields)
    JobRun.objects.filter(pk=run.pk).update(started_at=Now(), heartbeat_at=Now())
    return run


def test_every_registered_job_has_a_status():
    statistics = status.get_status()

    names = [job.name for job in registry.all_jobs()]
    assert [job.name for job in statistics.jobs] == names
    assert statistics.total_jobs == statistics.enabled_jobs == len(names)
    assert statistics.running_jobs == 0


def test_a_job_before_its_first_run():
    job = status.get_job_status("cleanup-push-tokens")

    assert job.last_run is None
    assert job.last_result is None
    assert not job.is_running
    assert timedelta(0) < job.next_run - database_now() <= timedelta(days=1)


def test_a_job_that_does_not_exist_has_no_status():
    assert status.get_job_status("nope") is None


def test_the_last_run_is_neither_dry_nor_skipped(tokens):
    tokens(2)
    run_now("cleanup-push-tokens")
    run_now("cleanup-push-tokens", dry_run=True)
    controls.pause()
    run_now("cleanup-push-tokens")

    job = status.get_job_status("cleanup-push-tokens")

    assert job.last_result.details["counts"] == {"deleted": 2}
    assert job.last_run == JobRun.objects.get(pk=job.last_result.run_id).started_at


def test_a_job_is_running_while_its_lease_lasts():
    run = start_row("cleanup-push-tokens")
    assert status.get_job_status("cleanup-push-tokens").is_running
    assert status.get_status().running_jobs == 1

    JobRun.objects.filter(pk=run.pk).update(heartbeat_at=Now() - lease.lease_time() * 2)
    assert not status.get_job_status("cleanup-push-tokens").is_running


def test_a_disabled_job_has_no_next_run(tokens):
    tokens(1)
    controls.disable("cleanup-push-tokens")

    job = status.get_job_status("cleanup-push-tokens")
    assert not job.enabled
    assert job.next_run is None
    assert run_now("cleanup-push-tokens").success

    controls.enable("cleanup-push-tokens")
    assert status.get_job_status("cleanup-push-tokens").next_run


def test_a_job_may_be_disabled_by_default(scratch_job):
    scratch_job(enabled=False)
    assert not status.get_job_status("scratch").enabled

    controls.enable("scratch")
    assert status.get_job_status("scratch").enabled


def test_a_setting_replaces_the_schedule_of_the_job():
    controls.set_cron("cleanup-push-tokens", "0 15 4 * * *")
    assert status.get_job_status("cleanup-push-tokens").schedule == "15 4 * * *"
    controls.disable("cleanup-push-tokens")
    assert status.get_job_status("cleanup-push-tokens").schedule == "15 4 * * *"

    with pytest.raises(InvalidCron):
        controls.set_cron("cleanup-push-tokens", "never")
    with pytest.raises(UnknownJob):
        controls.set_cron("nope", "15 4 * * *")


def test_a_broken_schedule_is_a_problem_of_one_job():
    JobSetting.objects.create(job="cleanup-push-tokens", cron="0 0 31 2 *")

    job = status.get_job_status("cleanup-push-tokens")

    assert job.next_run is None
    assert "never comes" in job.schedule_sentence
    assert status.get_job_status("cleanup-invitations").next_run


def test_the_number_of_queries_is_constant(django_assert_num_queries, scratch_job, items):
    def queries():
        with django_assert_num_queries(4):  # schedules, settings, pauses, runs
            status.get_status()

    queries()
    scratch_job()
    items(1)
    for _ in range(5):
        run_now("scratch")
    queries()


def test_retention_has_the_records_past_each_limit(tokens):
    tokens(3)

    policies = {policy.job: policy for policy in status.get_retention()}

    assert set(policies) == {job.name for job in registry.all_jobs() if job.retentions}
    assert policies["cleanup-push-tokens"].overdue == 3
    assert policies["cleanup-push-tokens"].oldest.year == 2020
    assert policies["cleanup-invitations"].overdue == 0
    assert policies["cleanup-invitations"].oldest is None
    run_now("cleanup-push-tokens")
    assert all(policy.overdue == 0 for policy in status.get_retention())

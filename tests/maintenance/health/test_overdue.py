"""Overdue jobs, for every irreversible job: items that a run left undone, or that no run has processed."""

from datetime import timedelta

import pytest
from croniter import croniter
from django.db.models.functions import Now
from django.utils import timezone
from django_q.models import Schedule

from maintenance.core import backlog, registry
from maintenance.core.states import FAILURES, STOPPED, Level, Status
from maintenance.health import doctor, job_probes, snapshot
from maintenance.health.context import HealthContext
from maintenance.health.overdue import GRACE
from maintenance.models import JobRun, JobSetting
from maintenance.scheduling import controls, schedules
from tests.maintenance.health.due_since import DAILY, DUE_SINCE, JOBS

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LEAVES = [*FAILURES, *STOPPED, Status.OUT_OF_TIME]
"""States of a run that leaves items undone."""


@pytest.fixture(autouse=True)
def scheduled():
    schedules.synchronise()
    JobRun.objects.create(job="another", trigger="schedule", status="succeeded")


@pytest.fixture
def now():
    return timezone.now()


def ran(job, at, status=Status.SUCCEEDED, **fields):
    values = {"queued_at": at, "started_at": at, "finished_at": at + timedelta(minutes=1), **fields}
    return JobRun.objects.create(job=job, trigger="schedule", status=status, **values)


def slot_before(job, moment):
    return croniter(registry.get(job).schedule, moment).get_prev(type(moment))


def overdue():
    return {found.job for found in job_probes.probe_retention(HealthContext()) if found.level == Level.WRONG}


def results_of(job):
    return [(found.code, found.level) for found in doctor.check().results if found.job == job]


def test_every_irreversible_job_is_tested():
    assert set(DUE_SINCE) == set(JOBS)


@pytest.mark.parametrize("job", JOBS)
def test_items_that_became_due_after_the_last_run_are_not_overdue(job, now):
    ran(job, slot_before(job, now))
    DUE_SINCE[job](now - 40 * DAY)
    assert backlog.of_job(registry.get(job), now).due

    assert job not in overdue()


@pytest.mark.parametrize("job", JOBS)
def test_a_job_without_a_run_for_its_schedule_and_a_day_is_overdue(job, now):
    missed = slot_before(job, now - GRACE)
    DUE_SINCE[job](missed - HOUR)
    ran(job, missed - HOUR)
    assert job in overdue()

    ran(job, missed + HOUR)
    assert job not in overdue()


def test_a_token_due_for_five_days_is_overdue(now):
    ran(DAILY, now - 6 * DAY)
    DUE_SINCE[DAILY](now - 5 * DAY)

    assert DAILY in overdue()


@pytest.mark.parametrize("job", JOBS)
def test_items_due_after_the_missed_time_are_not_overdue(job, now):
    missed = slot_before(job, now - GRACE)
    ran(job, missed - HOUR)
    if job != "delete-audit-logs":  # what is old enough for it is old enough for the other one
        DUE_SINCE[job](missed + HOUR)

    assert job not in overdue()


@pytest.mark.parametrize("status", LEAVES)
@pytest.mark.parametrize("job", JOBS)
def test_items_left_undone_for_more_than_a_day_are_overdue(job, status, now):
    DUE_SINCE[job](now - 5 * DAY)
    ran(job, now - 2 * DAY, status)
    assert job in overdue()

    ran(job, now - HOUR, status)
    assert job in overdue()

    ran(job, now - HOUR)
    assert job not in overdue()


@pytest.mark.parametrize("job", JOBS)
def test_items_left_undone_recently_are_not_overdue(job, now):
    DUE_SINCE[job](now - 5 * DAY)
    ran(job, now - 20 * HOUR, Status.PARTIAL)

    assert job not in overdue()


def test_a_later_success_ends_the_backlog(now):
    ran(DAILY, now - 50 * HOUR, Status.PARTIAL)
    ran(DAILY, now - 26 * HOUR)
    ran(DAILY, now - 2 * HOUR, Status.PARTIAL)
    DUE_SINCE[DAILY](now - 5 * DAY)

    assert not overdue()


def test_a_failed_run_counts_from_its_own_start(now):
    ran(DAILY, now - 26 * HOUR, Status.PARTIAL)
    ran(DAILY, now - 2 * HOUR, Status.PARTIAL)
    DUE_SINCE[DAILY](now - 3 * HOUR)

    assert not overdue()


def test_a_dry_run_does_not_count(now):
    ran(DAILY, now - 6 * DAY)
    DUE_SINCE[DAILY](now - 5 * DAY)
    ran(DAILY, now - HOUR, dry_run=True)

    assert DAILY in overdue()


def test_a_job_that_is_behind_is_overdue_although_a_run_is_active(now):
    DUE_SINCE[DAILY](now - 5 * DAY)
    ran(DAILY, now - 6 * DAY)
    run = ran(DAILY, now, Status.RUNNING, finished_at=None)
    JobRun.objects.filter(pk=run.pk).update(heartbeat_at=Now())

    assert DAILY in overdue()


@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize("name", ["", "its own"])
def test_a_paused_job_is_not_overdue_and_has_a_day_after_its_pause(job, name, now):
    missed = slot_before(job, now - GRACE)
    DUE_SINCE[job](missed - HOUR)
    ran(job, missed - HOUR)
    schedules.ours().filter(name=job).update(next_run=missed)
    assert job in overdue()

    controls.pause(name and job)
    assert job not in overdue()

    controls.resume(name and job)
    assert JobRun.objects.filter(job=job, status=Status.MISSED).exists()
    assert job not in overdue()

    JobRun.objects.filter(job=job, status=Status.MISSED).update(queued_at=now - GRACE - HOUR)
    assert job in overdue()


@pytest.mark.parametrize("job", JOBS)
def test_a_new_job_has_one_day_of_grace(job, now):
    DUE_SINCE[job](now - 40 * DAY)
    assert job not in overdue()

    Schedule.objects.filter(name=job).update(next_run=now - GRACE + HOUR)
    assert job not in overdue()

    Schedule.objects.filter(name=job).update(next_run=now - GRACE - HOUR)
    assert job in overdue()


def test_a_job_whose_first_times_were_missed_is_overdue(now):
    DUE_SINCE[DAILY](now - 40 * DAY)
    missed = {"first": (now - 3 * DAY).isoformat()}
    JobRun.objects.create(job=DAILY, trigger="schedule", status="missed", slot=now - HOUR, details=missed)

    assert DAILY in overdue()


def test_a_job_that_could_not_start_is_overdue(now):
    DUE_SINCE[DAILY](now - 40 * DAY)
    ran(DAILY, now - 2 * DAY, Status.SKIPPED, started_at=None)

    assert DAILY in overdue()


@pytest.mark.parametrize("job", JOBS)
def test_without_any_run_the_last_scheduled_time_counts(job, now):
    JobRun.objects.all().delete()
    assert not overdue()
    DUE_SINCE[job](slot_before(job, now - GRACE) + HOUR)
    assert job not in overdue()

    DUE_SINCE[job](slot_before(job, now - GRACE) - HOUR)

    assert job in overdue()


def test_a_disabled_job_is_overdue_too(now):
    ran(DAILY, now - 6 * DAY)
    controls.disable(DAILY)
    assert not overdue()

    DUE_SINCE[DAILY](now - 5 * DAY)

    assert DAILY in overdue()


def test_a_new_job_counts_from_its_disabling(now):
    controls.disable(DAILY)
    DUE_SINCE[DAILY](now - 40 * DAY)
    assert not overdue()

    JobSetting.objects.update(changed_at=now - 3 * DAY)

    assert DAILY in overdue()


def test_a_job_that_its_definition_disables_promises_nothing(now, monkeypatch):
    monkeypatch.setattr(type(registry.get(DAILY)), "enabled", False)
    schedules.synchronise()
    DUE_SINCE[DAILY](now - 40 * DAY)

    assert not overdue()


def test_a_run_out_of_time_is_a_warning_until_a_run_succeeds(now):
    DUE_SINCE[DAILY](now - 5 * DAY)
    ran(DAILY, now - 25 * HOUR)
    late = ran(DAILY, now - HOUR, Status.OUT_OF_TIME, details={"backlog": 7_800})
    assert results_of(DAILY) == [("job-out-of-time", "warning")]
    [result] = [found for found in doctor.check().results if found.job == DAILY]
    assert result.sentence == f"{DAILY} ran out of time: 7,800 remaining (run {late.pk})."

    ran(DAILY, now - HOUR, Status.CANCELLED)
    assert results_of(DAILY) == [("job-out-of-time", "warning")]

    ran(DAILY, now - HOUR)
    assert results_of(DAILY) == []


def test_a_cancelled_run_alone_is_no_warning(now):
    ran(DAILY, now - 2 * HOUR)
    ran(DAILY, now - HOUR, Status.CANCELLED, details={"backlog": 3})

    assert results_of(DAILY) == []


def test_pages_have_the_same_results(now):
    DUE_SINCE[DAILY](now - 5 * DAY)
    ran(DAILY, now - HOUR, Status.OUT_OF_TIME, details={"backlog": 1})

    assert [f.code for f in snapshot.page_report(HealthContext()).results if f.job == DAILY] == ["job-out-of-time"]


def test_without_delay_no_data_is_read(now, django_assert_num_queries):
    for job in registry.all_jobs():
        ran(job.name, slot_before(job.name, now))
    context = HealthContext()
    assert context.statistics.jobs
    assert context.now

    with django_assert_num_queries(0):
        [result] = job_probes.probe_retention(context)

    assert result.level == Level.WELL

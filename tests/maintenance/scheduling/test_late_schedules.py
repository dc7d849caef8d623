"""A row that would fire later than its expression says is told, and put right."""

import logging
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from django_q.models import Schedule

from maintenance.core import cron
from maintenance.core.clock import database_now
from maintenance.health import doctor
from maintenance.models import JobRun, JobSetting
from maintenance.reporting import status
from maintenance.scheduling import controls, late_schedules, missed_runs, recovery, schedules, validity
from tests.maintenance.scheduling.rows import JOB, row_of

pytestmark = pytest.mark.django_db


def be_late(**distance):
    late = row_of().next_run + timedelta(**distance)
    assert schedules.ours().filter(name=JOB).update(next_run=late, task="0" * 32) == 1
    return late


def codes():
    return {verdict.code for verdict in doctor.check().results if verdict.job == JOB}


@pytest.mark.parametrize("distance", [{"days": 400}, {"days": 1}, {"days": 365 * 7_000}], ids=str)
@pytest.mark.parametrize("mend", [recovery.correct_late_schedules, schedules.synchronise])
def test_it_is_a_problem_until_it_is_put_right(mend, distance, caplog):
    caplog.set_level(logging.WARNING)
    assert status.get_job_status(JOB).problem == ""
    right, late = row_of().next_run, be_late(**distance)
    problem = status.get_job_status(JOB).problem
    assert f"set for {late:%Y-%m-%d %H:%M} UTC" in problem
    assert f"instead of {right:%Y-%m-%d %H:%M} UTC" in problem
    assert "schedule-broken" in codes()

    mend()

    assert (row_of().next_run, row_of().task) == (right, None)
    assert f"The next run of {JOB} was {late:%Y-%m-%d %H:%M} UTC" in caplog.text
    assert status.get_job_status(JOB).problem == ""
    assert codes() == set()
    assert recovery.correct_late_schedules() == []
    assert not schedules.synchronise()


@pytest.mark.parametrize("expression", ["* * * * *", "*/5 * * * *", "0 0 29 2 *", "0 5 * * 0"])
def test_a_row_that_is_on_time_is_left_alone(expression):
    controls.set_cron(JOB, expression)
    before = row_of().next_run

    assert recovery.correct_late_schedules() == []
    assert row_of().next_run == before


def test_a_row_that_fired_a_little_early_by_its_hosts_clock_is_left_alone():
    now = database_now()
    soon = now.replace(second=0, microsecond=0) + timedelta(minutes=2)
    controls.set_cron(JOB, f"{soon.minute} {soon.hour} * * *")
    schedules.ours().filter(name=JOB).update(next_run=soon + timedelta(days=1))

    assert recovery.correct_late_schedules() == []
    assert status.get_job_status(JOB).problem == ""


def test_nothing_is_put_right_by_a_clock_that_is_wrong(monkeypatch):
    late = be_late(days=400)
    ahead = timezone.now() + timedelta(days=400)
    monkeypatch.setattr(late_schedules.timezone, "now", lambda: ahead)

    assert recovery.correct_late_schedules() == []
    assert row_of().next_run == late


def test_disabled_and_unreadable_and_foreign_rows_are_left_alone():
    controls.disable(JOB)
    be_late_in = timezone.now() + timedelta(days=400)
    schedules.ours().filter(name=JOB).update(next_run=be_late_in)
    schedules.ours().filter(name="cleanup-invitations").update(cron="*/90 * * * *", next_run=be_late_in)
    theirs = Schedule.objects.create(func="math.floor", schedule_type=Schedule.CRON, cron="0 0 * * *")
    Schedule.objects.filter(pk=theirs.pk).update(next_run=be_late_in)

    assert recovery.correct_late_schedules() == []


def test_a_run_with_a_fast_clock_hides_no_missed_time():
    missed = cron.previous_time(row_of().cron, database_now() - timedelta(days=1))
    JobRun.objects.create(job=JOB, trigger="schedule", status="succeeded", slot=missed + timedelta(days=400))
    schedules.ours().filter(name=JOB).update(next_run=missed)

    assert [run.job for run in missed_runs.record_missed()] == [JOB]


@pytest.mark.parametrize("stored", ["*/30 * * * *", "0 2 * * MON", "0 2-4 * * 7"])
def test_a_stored_expression_in_another_form_is_rewritten(stored):
    """The queue reads it as it was meant, so it is not quarantined until somebody synchronises."""
    JobSetting.objects.create(job=JOB, cron=stored)
    schedules.ours().filter(name=JOB).update(cron=stored)
    assert validity.quarantine_invalid() == []

    assert JOB in schedules.synchronise().updated

    assert row_of().cron == cron.normalise(stored)
    assert status.get_job_status(JOB).problem == ""


@pytest.mark.parametrize("stored", ["*/90 * * * *", "0/15 * * * *", "0 0 */2 * 1", "0 22-2 * * *", "0 2 ? * *"])
def test_an_invalid_stored_expression_fires_no_more(stored):
    JobSetting.objects.create(job=JOB, cron=stored)
    schedules.ours().filter(name=JOB).update(cron=stored, next_run=datetime(2026, 1, 1, tzinfo=timezone.now().tzinfo))

    assert [row.name for row, _reason in validity.quarantine_invalid()] == [JOB]

    schedules.synchronise()
    assert row_of().next_run is None
    job = status.get_job_status(JOB)
    assert job.next_run is None
    assert "is not a cron expression" in job.problem
    assert "manage.py jobs schedule" in job.problem
    assert "schedule-broken" in codes()

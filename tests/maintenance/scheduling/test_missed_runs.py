"""Scheduled times that passed without a run are recorded, and made up for once."""

from datetime import UTC, datetime, timedelta

import pytest
from django_q.models import OrmQ
from django_q.tasks import async_task

from maintenance.core import registry
from maintenance.core.clock import database_now
from maintenance.models import JobRun
from maintenance.scheduling import controls, missed_runs, schedules
from tests.maintenance.scheduling.rows import JOB, recoveries, row_of, set_row

pytestmark = pytest.mark.django_db

Status, Trigger = JobRun.Status, JobRun.Trigger


def test_one_row_tells_of_an_outage_and_one_run_makes_it_good(caplog):
    first = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
    set_row(next_run=first)

    run = missed_runs.record_missed()[0]

    now = database_now()
    last = now.replace(hour=2, minute=30, second=0, microsecond=0)
    last -= timedelta(days=last > now)
    days = (last - first).days + 1
    assert (run.job, run.status, run.slot, run.trigger) == (JOB, Status.MISSED, last, Trigger.SCHEDULE)
    assert run.details == {"missed": days, "first": first.isoformat(), "last": last.isoformat()}
    assert f"{days:,} scheduled times, 2026-03-01 02:30 UTC to" in run.message
    assert run.message in caplog.text
    assert row_of().next_run == last + timedelta(days=1)
    assert recoveries() == [(JOB, Status.QUEUED)]

    assert missed_runs.record_missed() == []
    assert JobRun.objects.count() == 2


def test_a_missed_time_checks_in_once(told_checkins, django_capture_on_commit_callbacks):
    set_row(next_run=datetime(2026, 3, 1, 2, 30, tzinfo=UTC))
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            missed_runs.record_missed()
    assert told_checkins == [(JOB, Status.MISSED)]


def test_a_time_is_missed_after_a_quarter_of_an_hour():
    set_row(next_run=database_now() - timedelta(minutes=14))
    assert missed_runs.record_missed() == []

    set_row(next_run=database_now() - timedelta(minutes=16))
    assert [run.job for run in missed_runs.record_missed()] == [JOB]


def test_a_disabled_job_misses_nothing():
    controls.disable(JOB)
    set_row(next_run=database_now() - timedelta(days=3))

    assert missed_runs.record_missed() == []


def test_a_time_that_has_its_run_is_not_missed():
    now = database_now()
    slots = [now.replace(hour=2, minute=30, second=0, microsecond=0) - timedelta(days=days) for days in (3, 2, 1)]
    set_row(next_run=slots[0])
    JobRun.objects.create(job=JOB, trigger=Trigger.SCHEDULE, status=Status.SUCCEEDED, slot=slots[1])

    (run,) = missed_runs.record_missed()

    assert run.details["first"] == slots[0].isoformat()
    today = now.replace(hour=2, minute=30, second=0, microsecond=0) <= now
    assert run.details["missed"] == 2 + today


def test_where_all_times_ran_nothing_is_missed_and_the_row_moves_on():
    slot = database_now().replace(second=0, microsecond=0) - timedelta(minutes=20)
    set_row(cron=f"{slot.minute} {slot.hour} * * *", next_run=slot)
    JobRun.objects.create(job=JOB, trigger=Trigger.SCHEDULE, status=Status.FAILED, slot=slot)

    assert missed_runs.record_missed() == []

    assert row_of().next_run == slot + timedelta(days=1)
    assert recoveries() == []


def test_jobs_are_told_and_made_good_in_the_registrys_order():
    schedules.ours().update(next_run=database_now() - timedelta(days=10))
    names = [job.name for job in registry.all_jobs()]

    assert [run.job for run in missed_runs.record_missed()] == names

    assert recoveries() == [(name, Status.QUEUED) for name in names]


def test_a_great_many_times_are_not_all_counted(monkeypatch):
    monkeypatch.setattr(missed_runs, "MOST_SLOTS", 5)
    set_row(cron="* * * * *", next_run=database_now() - timedelta(days=3))

    (run,) = missed_runs.record_missed()

    assert "more than 5 scheduled times" in run.message
    assert database_now() - run.slot < timedelta(minutes=2)
    assert missed_runs.record_missed() == []


def test_a_task_that_was_lost_is_missed(monkeypatch):
    now = database_now().replace(second=0, microsecond=0)
    set_row(task="0" * 32, cron=f"{now.minute} {now.hour} * * *", next_run=now + timedelta(days=1))
    schedules.ours().exclude(name=JOB).delete()  # the others have times within the hour

    def note_missed_at(seconds):
        moment = now + timedelta(hours=1, seconds=seconds)
        monkeypatch.setattr(missed_runs, "database_now", lambda: moment)
        return missed_runs.record_missed()

    assert note_missed_at(0) == []
    assert note_missed_at(119) == []
    (run,) = note_missed_at(120)
    assert (run.job, run.details["missed"]) == (JOB, 1)
    assert note_missed_at(500) == []
    assert recoveries() == [(JOB, Status.QUEUED)]


def test_a_task_that_waits_in_the_queue_is_not_lost(monkeypatch):
    now = database_now().replace(second=0, microsecond=0) - timedelta(hours=1)
    set_row(cron=f"{now.minute} {now.hour} * * *", next_run=now + timedelta(days=1))
    set_row(task=async_task(schedules.FUNCTION, JOB))
    monkeypatch.setattr(missed_runs, "LOST_AFTER", timedelta(0))

    assert missed_runs.record_missed() == []

    OrmQ.objects.all().delete()
    assert [run.job for run in missed_runs.record_missed()] == [JOB]


def test_a_new_time_has_nothing_to_do_with_what_ran_before(monkeypatch):
    monkeypatch.setattr(missed_runs, "LOST_AFTER", timedelta(0))
    set_row(task="0" * 32)

    controls.set_cron(JOB, "0 0 1 1 *")

    assert missed_runs.record_missed() == []


# Handing over to the queue

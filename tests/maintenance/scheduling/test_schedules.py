"""django-q2's rows are what the jobs and an operator say, and one that cannot be read keeps no other from firing."""

import threading
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connections
from django.utils import timezone
from django_q.models import Schedule

from maintenance.core import registry
from maintenance.core.clock import database_now
from maintenance.models import JobSetting
from maintenance.reporting import status
from maintenance.scheduling import controls, schedules
from tests.cluster.broken_rows import OWN, break_row
from tests.maintenance.scheduling.rows import JOB, row_of

pytestmark = pytest.mark.django_db


def everything():
    return list(Schedule.objects.order_by("pk").values())


def test_every_job_has_one_row_after_migrate():
    rows = {row.name: row for row in Schedule.objects.all()}

    assert set(rows) == {job.name for job in registry.all_jobs()}
    assert Schedule.objects.count() == len(rows)
    for job in registry.all_jobs():
        row = rows[job.name]
        assert (row.func, row.args, row.kwargs, row.hook) == (schedules.FUNCTION, repr((job.name,)), None, None)
        assert (row.schedule_type, row.cron, row.repeats) == (Schedule.CRON, job.schedule, -1)
        assert row.intended_date_kwarg == "slot"
        assert timedelta(0) < row.next_run - database_now() <= timedelta(days=7)


def test_a_second_call_changes_nothing():
    Schedule.objects.filter(name=JOB).update(next_run=timezone.now() - timedelta(minutes=1))
    before = everything()

    assert not schedules.synchronise()
    call_command("sync_schedules")

    assert everything() == before


def test_the_command_tells_what_it_has_changed(capsys):
    row_of().delete()

    call_command("sync_schedules")
    assert capsys.readouterr().out == f"created: {JOB}\n"
    call_command("sync_schedules")
    assert capsys.readouterr().out == "Nothing was changed: every job has its schedule.\n"
    call_command("sync_schedules", json=True)
    assert '"created": []' in capsys.readouterr().out


def test_what_an_operator_decided_is_kept():
    controls.set_cron(JOB, "15 4 * * *")
    controls.disable("cleanup-invitations")
    before = everything()

    assert not schedules.synchronise()

    assert everything() == before
    assert row_of().cron == "15 4 * * *"
    assert (row_of("cleanup-invitations").repeats, row_of("cleanup-invitations").next_run) == (0, None)


def test_a_job_that_comes_disabled_gets_a_disabled_row(scratch_job):
    scratch_job(enabled=False)

    assert schedules.synchronise().created == ["scratch"]

    assert (row_of("scratch").repeats, row_of("scratch").next_run) == (0, None)


def test_only_what_is_missing_is_added_when_a_cluster_starts(scratch_job):
    scratch_job()
    Schedule.objects.create(name="newer", func=schedules.FUNCTION, args="('newer',)", schedule_type=Schedule.HOURLY)
    Schedule.objects.filter(name=JOB).update(next_run=None)
    before = everything()

    assert schedules.add_missing() == ["scratch"]
    assert schedules.add_missing() == []

    assert everything()[:-1] == before
    assert row_of("scratch").next_run > database_now()


def test_seconds_first_are_read_as_such(scratch_job):
    scratch_job(schedule="0 0 2 * * *")
    schedules.synchronise()

    assert row_of("scratch").cron == "0 2 * * *"
    assert status.get_job_status("scratch").problem == ""


def test_foreign_rows_are_left_alone():
    same_name = Schedule.objects.create(name=JOB, func="builtins.len", args="('x',)", schedule_type=Schedule.HOURLY)
    before = everything()

    assert not schedules.synchronise()

    assert everything() == before
    assert same_name.pk in {row["id"] for row in before}


def test_rows_of_jobs_that_are_gone_are_removed():
    Schedule.objects.create(name="gone", func=schedules.FUNCTION, args="('gone',)", schedule_type=Schedule.HOURLY)

    assert schedules.synchronise().removed == ["gone"]

    assert not Schedule.objects.filter(name="gone").exists()


def test_the_row_of_a_job_that_cannot_be_loaded_is_kept(monkeypatch):
    before = everything()
    job = registry.get(JOB)
    monkeypatch.setattr(registry, "_jobs", {name: other for name, other in registry._jobs.items() if name != JOB})
    monkeypatch.setitem(registry._broken, job.name, "ImportError")

    assert not schedules.synchronise()

    assert everything() == before


def test_doubles_are_removed():
    first = row_of()
    Schedule.objects.create(name=JOB, func=schedules.FUNCTION, schedule_type=Schedule.HOURLY)

    assert schedules.synchronise().removed == [JOB]

    assert row_of() == first


@pytest.mark.parametrize("fields", OWN.values(), ids=OWN.keys())
def test_a_row_of_ours_that_was_meddled_with_is_told_and_mended(fields):
    before = everything()
    break_row(row_of(), **fields)
    others = {job.name for job in registry.all_jobs()} - {JOB}

    assert {job.name for job in status.get_status().jobs if job.problem} == {JOB}
    assert status.get_job_status(JOB).next_run is None
    assert schedules.synchronise().updated == [JOB]

    assert {job.name for job in status.get_status().jobs if not job.problem} == {JOB, *others}
    after = everything()
    assert timedelta(0) < row_of().next_run - database_now() <= timedelta(days=1)
    assert after == before


def test_a_row_that_calls_something_else_is_ours_no_more():
    stolen = row_of()
    break_row(stolen, func="builtins.len")
    assert "no schedule" in status.get_job_status(JOB).problem

    assert schedules.synchronise().created == [JOB]

    assert row_of() != stolen
    assert Schedule.objects.filter(pk=stolen.pk, func="builtins.len").exists()


@pytest.mark.postgresql  # SQLite's transactions exclude each other anyway
@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_row_a_job():
    for _ in range(5):
        Schedule.objects.all().delete()
        barrier = threading.Barrier(2)

        def work(barrier=barrier):
            barrier.wait()
            try:
                schedules.synchronise()
            finally:
                connections.close_all()

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(Schedule.objects.values_list("name", flat=True)) == sorted(j.name for j in registry.all_jobs())


def test_a_decision_that_is_no_time_is_told_with_another_remedy():
    JobSetting.objects.create(job=JOB, cron="0 0 31 2 *")

    schedules.synchronise()

    assert row_of().next_run is None
    problem = status.get_job_status(JOB).problem
    assert "never comes" in problem
    assert "jobs schedule" in problem
    assert not schedules.synchronise()

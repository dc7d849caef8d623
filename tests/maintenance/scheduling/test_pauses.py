"""Pauses with a moved clock: nothing fires in them, and what passed is one `missed` run, made good once."""

import random
from datetime import datetime

import pytest
from django_q.models import OrmQ

from maintenance.core import cron
from maintenance.core.errors import InvalidPause, UnknownJob
from maintenance.engine import pauses as active_pauses
from maintenance.models import JobRun, Pause
from maintenance.reporting import paused, status
from maintenance.scheduling import controls, pauses, schedules
from tests.maintenance.scheduling.clock import (
    HALF_PAST_TWO,
    HOUR,
    MINUTE,
    SECOND,
    START,
    Status,
    Trigger,
    missed,
    moved_clock,
    slots_fired,
    work,
)
from tests.maintenance.scheduling.rows import JOB, OTHER, recoveries, row_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch):
    with moved_clock(monkeypatch) as clock:
        yield clock


@pytest.mark.parametrize("name", ["", JOB])
def test_a_time_in_a_pause_is_missed_once_and_made_good_once(clock, name):
    assert row_of().next_run == HALF_PAST_TWO
    controls.pause(name, until=START + 6 * HOUR)

    clock.move(HALF_PAST_TWO + MINUTE)
    work()
    clock.move(HALF_PAST_TWO + HOUR)
    work()
    assert slots_fired() == []
    assert missed() == []

    clock.move(START + 6 * HOUR)
    work()

    [run] = missed()
    first = HALF_PAST_TWO.isoformat()
    assert run.details == {"missed": 1, "first": first, "last": first, "paused": True}
    assert run.message == "The job did not run at its scheduled time, 2031-05-01 02:30 UTC. It was paused."
    assert recoveries().count((JOB, Status.QUEUED)) == 1
    assert row_of().next_run == HALF_PAST_TWO + 24 * HOUR
    assert not Pause.objects.exists()

    clock.move(START + 7 * HOUR)
    work()
    assert len(missed()) == 1
    clock.move(HALF_PAST_TWO + 24 * HOUR + SECOND)
    work()
    assert slots_fired() == [(HALF_PAST_TWO + 24 * HOUR).isoformat()]


def test_a_time_that_passed_in_a_pause_checks_in_once(clock, told_checkins, django_capture_on_commit_callbacks):
    controls.pause(JOB, until=START + 6 * HOUR)
    clock.move(START + 6 * HOUR)
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            pauses.end_expired()
    assert told_checkins == [(JOB, Status.MISSED)]


def test_a_short_pause_over_one_time_is_made_good_as_well(clock):
    controls.pause(JOB, until=HALF_PAST_TWO + MINUTE)

    clock.move(HALF_PAST_TWO + 2 * MINUTE)
    work()

    assert [run.slot for run in missed()] == [HALF_PAST_TWO]
    assert slots_fired() == []


@pytest.mark.parametrize("back_after", [0, 1, 49])
def test_a_cluster_that_was_down_at_the_end_makes_good_all_at_once(clock, back_after):
    controls.pause(until=HALF_PAST_TWO + 24 * HOUR + MINUTE)

    clock.move(HALF_PAST_TWO + 24 * HOUR + 2 * MINUTE + back_after * HOUR)
    work()

    [run] = missed()
    assert run.details["missed"] == 2 + back_after // 24
    assert recoveries().count((JOB, Status.QUEUED)) == 1


def test_a_time_at_the_very_end_of_a_pause_is_not_missed(clock):
    controls.pause(JOB, until=HALF_PAST_TWO)

    clock.move(HALF_PAST_TWO + SECOND)
    work()

    assert missed() == []
    assert slots_fired() == [HALF_PAST_TWO.isoformat()]


def test_an_operator_who_resumes_lets_the_job_be_made_good(clock):
    controls.pause(JOB)
    clock.move(START + 50 * HOUR)
    work()
    assert missed() == []

    assert controls.resume(JOB).job == JOB

    assert [run.details["missed"] for run in missed()] == [3]
    assert controls.resume(JOB) is None


def test_a_job_stays_paused_until_its_last_pause_is_over(clock):
    controls.pause(JOB, until=START + 30 * HOUR)
    controls.pause()
    clock.move(START + 3 * HOUR)
    controls.resume()
    work()

    assert missed() == []
    assert JobRun.objects.filter(job=OTHER, status=Status.MISSED).count() == 1

    clock.move(START + 30 * HOUR)
    work()
    assert [run.details["missed"] for run in missed()] == [2]


def test_a_task_that_the_pause_refused_is_made_good(clock):
    clock.move(HALF_PAST_TWO + SECOND)
    work()
    assert slots_fired() == [HALF_PAST_TWO.isoformat()]
    controls.pause(JOB, until=START + 3 * HOUR)
    OrmQ.objects.all().delete()
    JobRun.objects.create(job=JOB, trigger=Trigger.SCHEDULE, status=Status.SKIPPED)

    clock.move(START + 4 * HOUR)
    work()

    assert [run.slot for run in missed()] == [HALF_PAST_TWO]


def test_a_task_that_ran_before_the_pause_is_not_made_good(clock):
    clock.move(HALF_PAST_TWO + SECOND)
    work()
    OrmQ.objects.all().delete()
    JobRun.objects.create(job=JOB, trigger=Trigger.SCHEDULE, status=Status.SUCCEEDED, slot=HALF_PAST_TWO)
    controls.pause(JOB, until=START + 3 * HOUR)

    clock.move(START + 4 * HOUR)
    work()

    assert missed() == []


@pytest.mark.parametrize("change", [schedules.synchronise, lambda: controls.set_cron(JOB, "0 5 * * *")])
def test_a_migration_or_another_schedule_in_a_pause_forgets_no_time(clock, change):
    controls.pause(JOB, until=START + 3 * HOUR)
    clock.move(START + 2 * HOUR)
    change()
    change()
    assert row_of().next_run == HALF_PAST_TWO

    clock.move(START + 3 * HOUR)
    change()
    work()

    assert [run.slot for run in missed()] == [HALF_PAST_TWO]


def test_another_schedule_counts_at_once_where_nothing_has_passed(clock):
    controls.pause(JOB)

    controls.set_cron(JOB, "0 2 * * *")

    assert row_of().next_run == START + HOUR


def test_a_disabled_job_misses_nothing_in_a_pause(clock):
    controls.disable(JOB)
    controls.pause(until=START + 3 * HOUR)

    clock.move(START + 4 * HOUR)
    work()

    assert missed() == []
    assert row_of().next_run is None


def test_pausing_again_changes_the_end_and_keeps_the_reason(clock, staff_user):
    controls.pause(JOB, reason="upgrade", until=START + HOUR)
    clock.move(START + MINUTE)

    pause = controls.pause(JOB, by=staff_user, until=START + 2 * HOUR)

    assert (pause.reason, pause.paused_by) == ("upgrade", staff_user)
    assert (pause.paused_at, pause.until) == (START, START + 2 * HOUR)
    assert controls.pause(JOB).until is None
    assert Pause.objects.count() == 1


def test_pausing_after_an_end_that_nobody_saw_begins_anew(clock):
    controls.pause(JOB, reason="upgrade", until=START + 2 * HOUR)
    clock.move(START + 5 * HOUR)

    pause = controls.pause(JOB)

    assert (pause.reason, pause.paused_at) == ("", clock.now)
    assert [run.slot for run in missed()] == [HALF_PAST_TWO]


def test_what_cannot_be_paused_is_refused(clock):
    with pytest.raises(InvalidPause):
        controls.pause(JOB, until=START)
    with pytest.raises(UnknownJob):
        controls.pause("nope")
    with pytest.raises(UnknownJob):
        controls.resume("nope")
    assert not Pause.objects.exists()


@pytest.mark.parametrize("moment", [START, HALF_PAST_TWO + MINUTE, START + 3 * HOUR, START + 3 * HOUR + MINUTE])
def test_the_status_has_no_problem_at_any_moment_and_the_next_time_after_the_pause(clock, moment):
    controls.pause(JOB, reason="upgrade", until=START + 3 * HOUR)
    clock.move(moment)

    job = status.get_job_status(JOB)

    is_on = moment < START + 3 * HOUR
    assert (job.problem, job.enabled, bool(job.paused)) == ("", True, is_on)
    assert job.next_run == (HALF_PAST_TWO + 24 * HOUR if is_on else START + 3 * HOUR)
    if is_on:
        assert (job.paused.job, job.paused.until, job.paused.reason) == (JOB, START + 3 * HOUR, "upgrade")


def test_in_a_pause_without_an_end_the_next_time_is_that_of_the_schedule(clock):
    controls.pause(JOB)
    assert status.get_job_status(JOB).next_run == HALF_PAST_TWO

    clock.move(HALF_PAST_TWO + MINUTE)
    assert status.get_job_status(JOB).next_run == HALF_PAST_TWO + 24 * HOUR
    assert paused.PauseStatus.of(None, clock.now) is None


@pytest.mark.parametrize("seed", range(12))
def test_every_time_runs_or_is_missed_wherever_the_cluster_is_down(clock, seed):
    chance = random.Random(seed)
    controls.set_cron(JOB, "30 * * * *")
    begin = START + chance.randrange(1, 300) * MINUTE
    until = begin + chance.randrange(1, 1200) * MINUTE
    end = max(until, START + 1500 * MINUTE) + chance.randrange(20, 300) * MINUTE
    passes = sorted({begin, end, *(START + chance.randrange(1, 1500) * MINUTE for _ in range(chance.randrange(40)))})
    for moment in passes:
        clock.move(moment + SECOND)
        if moment == begin:
            controls.pause(JOB, until=until)
        work()
        run_tasks()

    expected = {slot for hours in range(48) if START < (slot := START + 30 * MINUTE + hours * HOUR) <= clock.now}
    ran = set(JobRun.objects.filter(status=Status.SUCCEEDED).values_list("slot", flat=True))
    covered = [*ran, *(slot for run in missed() for slot in slots_of(run) if slot not in ran)]
    assert sorted(covered) == sorted(expected)
    assert not any(begin <= slot < until for slot in ran)
    assert sum(run.details.get("paused", False) for run in missed()) <= 1
    assert recoveries().count((JOB, Status.QUEUED)) <= 1


def run_tasks():
    """Run what is in the queue, as workers do, but for what a pause refuses."""
    for task in OrmQ.objects.all():
        if task.func() == schedules.FUNCTION and task.args() == (JOB,) and not active_pauses.of_job(JOB).exists():
            slot = datetime.fromisoformat(task.kwargs()["slot"])
            JobRun.objects.create(job=JOB, trigger=Trigger.SCHEDULE, status=Status.SUCCEEDED, slot=slot)
        task.delete()


def slots_of(run):
    first, last = (datetime.fromisoformat(run.details[name]) for name in ("first", "last"))
    slots = [first]
    times = cron.times("30 * * * *", first)
    while slots[-1] < last:
        slots.append(next(times))
    return slots

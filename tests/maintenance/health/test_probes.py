"""Each health check alone, at its borders: which result it yields for which state, without a queue or a cluster."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.core import checks

from maintenance.core import registry
from maintenance.core.errors import NotReady
from maintenance.core.states import Status
from maintenance.engine.results import JobResult
from maintenance.health import probes
from maintenance.health.context import UnfinishedRun
from maintenance.models import Canary, JobRun, Pause
from maintenance.reporting.queue_state import QueueState
from maintenance.reporting.status import JobStatistics, JobStatus

NOW = datetime(2026, 6, 1, 4, 30, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
UP = QueueState(waiting=0, oldest=None, clusters=1, workers=2, busy_workers=0)
BUSY = QueueState(waiting=3, oldest=None, clusters=1, workers=2, busy_workers=2)
DOWN = QueueState(waiting=0, oldest=None, clusters=0, workers=0, busy_workers=0)


def context(**values):
    """A context in which all is in order, but for `values`."""
    usual = {"now": NOW, "queue": UP, "canary": Canary(), "unfinished": [], "pause": None}
    return SimpleNamespace(**{**usual, **values})


def codes(probe, made):
    return [(result.code, result.level.value) for result in probe(made)]


def returned(ago):
    return Canary(number=2, echo=2, sent_at=NOW - ago, echoed_at=NOW - ago)


# The canary


@pytest.mark.parametrize(
    ("queue", "canary", "result"),
    [
        (DOWN, Canary(), ("no-cluster", "wrong")),
        (DOWN, returned(timedelta(0)), ("no-cluster", "wrong")),
        (UP, returned(-MOMENT), ("canary-back", "well")),
        (UP, returned(probes.RETURN_WITHIN), ("canary-back", "well")),
        (UP, returned(probes.RETURN_WITHIN + MOMENT), ("queue-stuck", "wrong")),
        (BUSY, returned(probes.RETURN_WITHIN), ("canary-back", "well")),
        (BUSY, returned(probes.RETURN_WITHIN + MOMENT), ("workers-busy", "warning")),
        (BUSY, Canary(), ("workers-busy", "warning")),
        (UP, Canary(), ("queue-stuck", "wrong")),
        (UP, Canary(number=1, sent_at=NOW - probes.FIRST_RETURN_WITHIN), ("canary-sent", "warning")),
        (UP, Canary(number=1, sent_at=NOW - probes.FIRST_RETURN_WITHIN - MOMENT), ("queue-stuck", "wrong")),
        (UP, Canary(number=2, sent_at=NOW), ("queue-stuck", "wrong")),
    ],
)
def test_a_canary_has_one_result(queue, canary, result):
    assert codes(probes.probe_canary, context(queue=queue, canary=canary)) == [result]


def test_the_last_reply_of_the_canary_is_told():
    [never] = probes.probe_canary(context(queue=DOWN))
    [once] = probes.probe_canary(context(queue=DOWN, canary=returned(timedelta(hours=2))))

    assert never.sentence.endswith("; no heartbeat from the queue yet.")
    assert once.sentence.endswith("; last heartbeat from the queue: 2 h ago.")


def test_the_round_trip_is_told_where_it_is_known():
    canary = returned(timedelta(seconds=30))
    [without] = probes.probe_canary(context(canary=canary))
    canary.round_trip = timedelta(seconds=1.5)
    [with_trip] = probes.probe_canary(context(canary=canary))

    assert without.sentence == "Last heartbeat from the queue: 30 s ago."
    assert with_trip.sentence == f"{without.sentence} Round trip: 1.5 s."


# The queue


@pytest.mark.parametrize(
    ("age", "queue", "result"),
    [
        (None, UP, ("queue", "well")),
        (probes.TASK_WITHIN, UP, ("queue", "well")),
        (probes.TASK_WITHIN + MOMENT, UP, ("task-waits", "wrong")),
        (probes.TASK_WITHIN + MOMENT, BUSY, ("task-waits", "warning")),
        (probes.TASK_WITHIN + MOMENT, DOWN, ("task-waits", "wrong")),
    ],
)
def test_a_queued_task_may_wait_for_some_minutes(age, queue, result):
    oldest = None if age is None else NOW - age
    queue = QueueState(1_234, oldest, queue.clusters, queue.workers, queue.busy_workers)
    with time_machine.travel(NOW, tick=False):
        assert codes(probes.probe_queue, context(queue=queue)) == [result]


def test_the_remedy_of_a_queue_is_to_start_or_to_restart_its_cluster():
    oldest = NOW - timedelta(hours=1)
    with time_machine.travel(NOW, tick=False):
        [up] = probes.probe_queue(context(queue=QueueState(1, oldest, 1, 2, 0)))
        [down] = probes.probe_queue(context(queue=QueueState(1, oldest, 0, 0, 0)))

    assert (up.remedy, down.remedy) == (str(probes.RESTART), str(probes.START))


# The jobs


def job(**values):
    fields = {
        "name": "scratch",
        "description": "",
        "schedule": "0 0 * * *",
        "schedule_sentence": "At 00:00",
        "enabled": True,
        "is_running": False,
        "last_run": None,
        "next_run": NOW + timedelta(hours=1),
        "last_result": None,
    }
    return JobStatus(**{**fields, **values})


def with_jobs(*jobs):
    return context(statistics=JobStatistics(len(jobs), len(jobs), 0, list(jobs)))


def last(status, **values):
    return JobResult("scratch", status, "", run_id=7, **values)


@pytest.mark.parametrize(
    ("values", "result"),
    [
        ({}, ("jobs", "well")),
        ({"next_run": None, "enabled": False}, ("jobs", "well")),
        ({"next_run": NOW - probes.SCHEDULE_WITHIN}, ("jobs", "well")),
        ({"next_run": NOW - probes.SCHEDULE_WITHIN - MOMENT}, ("schedule-overdue", "wrong")),
        ({"problem": "It is broken."}, ("schedule-broken", "wrong")),
        ({"last_result": last(Status.SUCCEEDED)}, ("jobs", "well")),
        ({"last_result": last(Status.CANCELLED)}, ("jobs", "well")),
        ({"last_result": last(Status.FAILED)}, ("job-failed", "wrong")),
        ({"last_result": last(Status.PARTIAL)}, ("job-failed", "wrong")),
        ({"last_result": last(Status.CRASHED)}, ("job-failed", "wrong")),
        ({"last_result": last(Status.OUT_OF_TIME)}, ("job-out-of-time", "warning")),
    ],
)
@pytest.mark.django_db
def test_a_job_has_one_result(values, result):
    assert codes(probes.probe_jobs, with_jobs(job(**values))) == [result]


def test_a_job_that_cannot_be_loaded_has_no_other_fault_of_its_schedule(monkeypatch):
    monkeypatch.setattr(registry, "broken", lambda: {"scratch": "ImportError"})

    results = list(probes.probe_jobs(with_jobs(job(problem="No schedule."))))

    assert [result.code for result in results] == ["job-broken"]
    assert results[0].job == "scratch"
    assert "ImportError" in results[0].sentence


def test_each_fault_of_each_job_is_told(monkeypatch):
    both = job(problem="It is broken: `manage.py sync_schedules` corrects it.", last_result=last(Status.FAILED))

    results = list(probes.probe_jobs(with_jobs(both, job(name="other"))))

    assert [(result.code, result.job) for result in results] == [
        ("schedule-broken", "scratch"),
        ("job-failed", "scratch"),
    ]
    assert results[0].sentence == "The schedule of scratch is broken (it is broken)."
    assert "failed (run 7)" in results[1].sentence


@pytest.mark.django_db
@pytest.mark.parametrize(("details", "number"), [({"backlog": 1_500}, "1,500"), ({}, "0")])
def test_the_remaining_items_of_a_run_out_of_time_are_told(details, number):
    [result] = probes.probe_jobs(with_jobs(job(last_result=last(Status.OUT_OF_TIME, details=details))))

    assert f"{number} remaining (run 7)" in result.sentence


# The runs


def queued(ago, **values):
    return JobRun(pk=9, job="scratch", status=Status.QUEUED, queued_at=NOW - ago, **{"task_id": "abc", **values})


@pytest.mark.parametrize(
    ("run", "is_lost", "queue", "result"),
    [
        (JobRun(pk=9, job="scratch", status=Status.RUNNING), False, UP, ("runs", "well")),
        (JobRun(pk=9, job="scratch", status=Status.RUNNING), True, UP, ("run-stale", "wrong")),
        (queued(probes.RUN_WITHIN), False, UP, ("runs", "well")),
        (queued(probes.RUN_WITHIN + MOMENT), False, UP, ("run-waits", "wrong")),
        (queued(probes.RUN_WITHIN + MOMENT), False, DOWN, ("run-waits", "wrong")),
        (queued(probes.RUN_WITHIN + MOMENT), False, BUSY, ("runs", "well")),
        (queued(probes.RUN_WITHIN + MOMENT, task_id=""), False, UP, ("runs", "well")),
        (queued(probes.RUN_WITHIN + MOMENT, heartbeat_at=NOW), False, UP, ("runs", "well")),
    ],
)
def test_an_unfinished_run_has_one_result(run, is_lost, queue, result):
    unfinished = [UnfinishedRun(run, is_lost=is_lost, holds_a_worker=False)]

    assert codes(probes.probe_runs, context(unfinished=unfinished, queue=queue)) == [result]


def test_the_oldest_run_is_told_first():
    unfinished = [UnfinishedRun(JobRun(pk=pk, job="scratch"), is_lost=True, holds_a_worker=False) for pk in (9, 8)]

    first, second = probes.probe_runs(context(unfinished=unfinished))

    assert ("Run 8 " in first.sentence, "Run 9 " in second.sentence) == (True, True)


# Settings, clocks and the pause


def test_settings_have_a_result_for_each_message_that_is_not_silenced(monkeypatch):
    class Silenced(checks.Warning):
        def is_silenced(self):
            return True

    found = [
        checks.Error("One is wrong.", hint="Set it to 1.", id="x.E001"),
        checks.Warning("Two is odd.", id="x.W001"),
        Silenced("Three."),
    ]
    monkeypatch.setattr(checks, "run_checks", lambda **_options: found)
    monkeypatch.setattr(probes, "refuse_skew", lambda: None)

    results = list(probes.probe_settings(context()))

    assert [(result.code, result.level.value, result.sentence) for result in results] == [
        ("setting-wrong", "wrong", "One is wrong (x.E001)."),
        ("setting-wrong", "warning", "Two is odd (x.W001)."),
    ]
    assert [result.remedy for result in results] == ["Set it to 1.", "See `manage.py check`."]


def test_valid_settings_and_a_wrong_clock_are_two_results(monkeypatch):
    def refuse():
        raise NotReady("The clocks differ: correct them (NTP).")

    monkeypatch.setattr(checks, "run_checks", lambda **_options: [])
    monkeypatch.setattr(probes, "refuse_skew", refuse)

    good, bad = probes.probe_settings(context())

    assert (good.code, bad.code) == ("settings", "clock-skew")
    assert (bad.sentence, bad.remedy) == ("The clocks differ.", "Correct them (NTP).")


def test_a_pause_is_a_warning_and_none_is_no_result():
    assert list(probes.probe_pause(context())) == []
    [result] = probes.probe_pause(context(pause=Pause(paused_at=NOW)))
    assert result.sentence == "All jobs are paused since 2026-06-01 04:30 UTC."


def test_a_refusal_without_a_remedy_is_a_sentence_too():
    result = probes.result_of(NotReady("No database"), "database-down")

    assert (result.sentence, result.remedy) == ("No database.", "")


def test_slow_checks_are_some_of_all():
    assert set(probes.SLOW) < set(probes.ALL)

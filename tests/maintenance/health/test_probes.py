"""Each health check alone, at its borders: which result it yields for which state, without a queue or a cluster."""

from datetime import timedelta

import pytest
import time_machine
from django.core import checks

from maintenance.core.errors import NotReady
from maintenance.core.states import Level
from maintenance.health import probes
from maintenance.health.remedies import RESTART, START
from maintenance.models import Canary, Pause
from maintenance.reporting.queue_state import QueueState
from tests.maintenance.health.contexts import BUSY, DOWN, JOB, MOMENT, NOW, UP, codes, context


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

    assert (up.remedy, down.remedy) == (str(RESTART), str(START))


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
    [result] = probes.probe_pause(context(pauses=[Pause(paused_at=NOW)]))
    assert result.sentence == "All jobs are paused since 2026-06-01 04:30 UTC. The pause has no end."
    assert "`manage.py jobs resume`" in result.remedy
    assert "`manage.py jobs pause --for 2h`" in result.remedy


def test_a_pause_with_an_end_and_one_of_a_job_say_so():
    ends = Pause(paused_at=NOW, until=NOW + timedelta(hours=2))
    [result] = probes.probe_pause(context(pauses=[ends]))
    assert (result.code, result.level) == ("paused-until", Level.WARNING)
    assert result.sentence == "All jobs are paused since 2026-06-01 04:30 UTC until 2026-06-01 06:30 UTC."

    [result] = probes.probe_pause(context(pauses=[Pause(job=JOB, paused_at=NOW)]))
    assert (result.code, result.job) == ("paused", JOB)
    assert result.sentence == f"{JOB} is paused since 2026-06-01 04:30 UTC. The pause has no end."
    assert f"`manage.py jobs resume {JOB}`" in result.remedy


def test_a_refusal_without_a_remedy_is_a_sentence_too():
    result = probes.result_of(NotReady("No database"), "database-down")

    assert (result.sentence, result.remedy) == ("No database.", "")


def test_slow_checks_are_some_of_all():
    assert set(probes.SLOW) < set(probes.ALL)

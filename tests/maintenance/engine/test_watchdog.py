"""The watchdog: a unit that never ends fails alone, in whatever way it hangs."""

import threading
import time
from contextlib import nullcontext, suppress
from types import SimpleNamespace

import pytest
from django.db import connection

from maintenance.api import Outcome, delete_rows
from maintenance.engine import watchdog
from maintenance.engine.cancellation import CancellationToken
from maintenance.engine.runner import run_now
from maintenance.models import JobRun
from tests.engine_app.models import Item

pytestmark = pytest.mark.django_db(transaction=True)

Status = JobRun.Status
FOR_EVER = 3_600


@pytest.fixture(autouse=True)
def impatient(monkeypatch, settings):
    """A watchdog that waits for a part of a second instead of minutes."""
    settings.MAINTENANCE_STALL_SECONDS = 0.5
    settings.MAINTENANCE_BATCH_SECONDS = 0.01
    monkeypatch.setattr(watchdog, "TICK", 0.05)
    monkeypatch.setattr(watchdog, "SHORTEST", 0.3)
    monkeypatch.setattr(watchdog, "PATIENCE", 0.3)


def hang_in_a_statement():
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"SELECT pg_sleep({FOR_EVER})")
        else:
            endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
            cursor.execute(endless)


def hang_in_a_loop():
    while True:
        pass


def hang_in_a_wait():
    threading.Event().wait(FOR_EVER)


def hang_and_catch_errors():
    while True:
        with suppress(Exception):
            time.sleep(FOR_EVER)


HANGS = [hang_in_a_statement, hang_in_a_loop, hang_in_a_wait, hang_and_catch_errors]


def hanging(bad, hang):
    def process(batch):
        if batch.filter(pk=bad.pk).exists():
            hang()
        return Outcome(deleted=delete_rows(batch))

    return process


@pytest.mark.parametrize("hang", HANGS)
def test_a_row_that_hangs_fails_and_the_others_are_processed(hang, scratch_job, items, batches_of):
    bad = items(6)[3]
    batches_of(4)
    scratch_job(hanging(bad, hang))

    result = run_now("scratch")

    assert list(Item.objects.all()) == [bad]
    assert result.status == Status.PARTIAL
    [error] = result.details["errors"]
    assert error["id"] == bad.pk
    assert error["error"].startswith("no progress for")
    assert result.details["counts"] == {"deleted": 5, "failed": 1}


@pytest.mark.parametrize("hang", HANGS)
def test_a_run_that_hangs_is_stopped(hang, scratch_job, items):
    scratch_job(hanging(items(2)[0], hang))
    stop = CancellationToken()
    threading.Timer(0.2, stop.request).start()

    result = run_now("scratch", stop=stop)

    assert result.status == Status.INTERRUPTED
    assert Item.objects.count() == 2


@pytest.mark.postgresql  # SQLite knows no statement that takes long and reads nothing
def test_a_count_that_hangs_ends_the_run_with_a_reason(scratch_job, items):
    items(2)
    due = Item.objects.extra(where=[f"pg_sleep({FOR_EVER}) IS NOT NULL"])
    scratch_job(due=lambda _job, _now: due)

    result = run_now("scratch")

    assert result.status == Status.FAILED
    assert result.message == "The run made no progress for 0.5 s and was stopped by the watchdog."


def test_a_slow_batch_that_makes_progress_is_left_alone(scratch_job, items):
    def process(batch):
        for _ in range(20):
            time.sleep(0.05)
            batch.exists()
        return Outcome(deleted=delete_rows(batch))

    items(1)
    scratch_job(process)

    assert run_now("scratch").status == Status.SUCCEEDED


def test_a_batch_that_goes_on_past_the_time_budget_is_ended_whatever_it_does(scratch_job, items, settings):
    settings.MAINTENANCE_TIME_BUDGET = 0.3

    def process(batch):
        while True:
            batch.exists()

    items(1)
    scratch_job(process)

    result = run_now("scratch")

    assert result.status == Status.FAILED
    assert "after the time budget" in result.message
    assert Item.objects.count() == 1


def test_a_pause_is_no_stall(scratch_job, items, batches_of, settings):
    settings.MAINTENANCE_BATCH_PAUSE = 1
    settings.MAINTENANCE_DUTY_CYCLE = 0
    items(2)
    batches_of(1)
    scratch_job()

    assert run_now("scratch").status == Status.SUCCEEDED


def test_nothing_of_it_is_left_when_a_run_has_ended(scratch_job):
    before = threading.active_count(), list(connection.execute_wrappers)
    scratch_job()

    run_now("scratch")

    assert (threading.active_count(), list(connection.execute_wrappers)) == before


class Driver:
    """A connection of the driver whose cancellation fails at first."""

    def __init__(self):
        self.attempts, self.cancelled = 0, threading.Event()

    def interrupt(self, **_options):
        self.attempts += 1
        if self.attempts == 1:
            raise OSError("it quotes ann@example.org")
        self.cancelled.set()

    cancel_safe = interrupt


def test_a_statement_that_cannot_be_cancelled_is_tried_again_and_told_without_the_text(monkeypatch, caplog):
    driver, token = Driver(), CancellationToken()
    monkeypatch.setattr(watchdog.Watchdog, "_overdue", lambda _self: -0.1 if driver.cancelled.is_set() else 0.0)
    monkeypatch.setattr(watchdog, "PATIENCE", 60)
    watching = watchdog.Watchdog(JobRun(pk=7, job="scratch"), token)
    monkeypatch.setattr(
        watching,
        "_connection",
        SimpleNamespace(connection=driver, vendor=connection.vendor, execute_wrapper=nullcontext),
    )
    with watching:
        assert driver.cancelled.wait(60)

    assert "A batch of scratch#7 could not be cancelled: OSError." in caplog.messages
    assert "example.org" not in caplog.text


@pytest.fixture
def steps(monkeypatch):
    """What a watchdog does, with the times, in place of doing it; the process "ends" with the event `steps.ended`."""

    class Steps(list):
        ended = threading.Event()

        def note(self, step):
            if not self.ended.is_set():
                self.append((step, time.monotonic()))
            if step == "end":
                self.ended.set()

    taken = Steps()
    monkeypatch.setattr(watchdog.Watchdog, "_cancel_statement", lambda _self: taken.note("cancel"))
    monkeypatch.setattr(watchdog.Watchdog, "_close_connection", lambda _self: taken.note("close"))
    monkeypatch.setattr(watchdog.Watchdog, "_end_process", lambda _self: taken.note("end"))
    return taken


def watch_until_ended(steps):
    with watchdog.Watchdog(JobRun(pk=7, job="scratch"), CancellationToken()):
        for _ in range(2):  # it raises once in this thread
            with suppress(watchdog.Interrupted):
                assert steps.ended.wait(60)


def test_a_process_that_was_stopped_for_an_hour_gets_every_step_and_its_time(steps, monkeypatch):
    monkeypatch.setattr(watchdog.Watchdog, "_overdue", lambda _self: 3_600.0)

    watch_until_ended(steps)

    names = [step for step, _at in steps]
    assert [*dict.fromkeys(names)] == ["cancel", "close", "end"]
    first = dict(reversed(steps))
    assert first["close"] - first["cancel"] >= watchdog.PATIENCE
    assert first["end"] - first["close"] >= 2 * watchdog.PATIENCE, "it raises in the run between the two"


def test_a_new_stall_begins_with_the_first_step(steps, monkeypatch):
    looks = iter([0.0, -1.0, *[0.0] * 1_000])
    monkeypatch.setattr(watchdog, "PATIENCE", 0)
    monkeypatch.setattr(watchdog.Watchdog, "_overdue", lambda _self: next(looks))

    watch_until_ended(steps)

    assert [step for step, _at in steps] == ["cancel", "cancel", "close", "end"]


@pytest.mark.parametrize(("target", "limit"), [(0.1, 300), (60, 600)])
def test_the_limit_is_at_least_ten_times_the_target(target, limit, settings):
    settings.MAINTENANCE_STALL_SECONDS = 300
    settings.MAINTENANCE_BATCH_SECONDS = target

    assert watchdog.stall_limit() == limit

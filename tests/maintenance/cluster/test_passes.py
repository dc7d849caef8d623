"""When a leader works: at once where something has changed, and rarely while nothing does."""

from types import SimpleNamespace

import pytest

from maintenance.cluster import passes
from maintenance.cluster.passes import IDLE_WORK_EVERY, PARTS, SIGNS, SIGNS_EVERY, WORK_EVERY, Passes
from maintenance.cluster.poll import Work
from maintenance.health import canary

IDLE, BUSY = Work(last_run=7), Work(has_unfinished_run=True, last_run=8)
TICK = 0.5


@pytest.fixture
def during(monkeypatch):
    """Return a function that lets some seconds go by, and returns when all parts were done, and when only the signs."""
    clock = SimpleNamespace(now=1_000.0, monotonic=lambda: clock.now)
    monkeypatch.setattr(passes, "time", clock)
    made = Passes()

    def go_by(seconds, work):
        start, done = clock.now, {PARTS: [], SIGNS: [], (): []}
        while clock.now < start + seconds:
            done[tuple(made.parts_due(work))].append(clock.now - start)
            clock.now += TICK
        return done[PARTS], done[SIGNS]

    return go_by


def test_all_is_done_at_once_and_again_soon_after_a_change(during):
    assert during(SIGNS_EVERY, IDLE)[0] == [WORK_EVERY * n for n in range(5)]


def test_while_nothing_changes_all_is_done_rarely_and_the_signs_more_often(during):
    during(SIGNS_EVERY + WORK_EVERY, IDLE)

    work, signs = during(2 * IDLE_WORK_EVERY, IDLE)

    assert len(work) == 2
    assert len(work) + len(signs) == 2 * IDLE_WORK_EVERY / SIGNS_EVERY


@pytest.mark.parametrize("work", [BUSY, Work(is_schedule_due=True)])
def test_while_there_is_work_all_is_done_every_two_seconds(during, work):
    during(2 * IDLE_WORK_EVERY, work)

    assert len(during(IDLE_WORK_EVERY, work)[0]) == IDLE_WORK_EVERY / WORK_EVERY


@pytest.mark.parametrize("work", [BUSY, Work(is_schedule_due=True, last_run=7), Work(last_run=8)])
def test_a_change_is_acted_on_at_once(during, work):
    during(2 * IDLE_WORK_EVERY + TICK, IDLE)

    assert during(TICK, work)[0] == [0]
    assert during(TICK, IDLE)[0] == [0]


def test_a_heartbeat_is_written_at_each_pass_of_the_signs():
    assert canary.keep in SIGNS
    assert canary.HEARTBEAT_EVERY.total_seconds() < SIGNS_EVERY

"""The pause after a batch is in proportion to its work, and never longer than the longest."""

from types import SimpleNamespace

import pytest
from hypothesis import given, strategies as st

from maintenance.api import Outcome, RowStage
from maintenance.engine import batches, executor
from maintenance.engine.cancellation import CancellationToken
from maintenance.engine.pacing import has_pauses, pause_after
from maintenance.engine.runner import run_now
from tests.engine_app.models import Item

seconds = st.floats(0, 100)
SHARES = (0.05, 0.2, 0.4, 0.5, 0.9, 1)


@pytest.fixture(autouse=True)
def pauses(settings):
    settings.MAINTENANCE_BATCH_PAUSE, settings.MAINTENANCE_DUTY_CYCLE = 0.5, 0.4


@given(worked=seconds, in_advance=seconds)
@pytest.mark.parametrize("share", SHARES)
def test_a_run_works_for_its_share_of_the_time(share, worked, in_advance):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.MAINTENANCE_BATCH_PAUSE", 10**9, raising=False)
        patch.setattr("django.conf.settings.MAINTENANCE_DUTY_CYCLE", share, raising=False)
        pause = pause_after(worked, in_advance)

    assert pause >= 0
    assert share * (worked + pause) == pytest.approx(worked + in_advance)


@given(worked=seconds, in_advance=seconds)
def test_no_pause_is_longer_than_the_longest(worked, in_advance):
    assert pause_after(worked, in_advance) <= 0.5


def test_a_request_that_takes_a_few_milliseconds_does_not_wait_for_half_a_second():
    assert pause_after(0.07) == pytest.approx(0.105)
    assert pause_after(0.005) == pytest.approx(0.0075)
    assert pause_after(60) == 0.5


def test_without_a_share_each_pause_is_the_longest(settings):
    settings.MAINTENANCE_DUTY_CYCLE = 0

    assert pause_after(0.07) == 0.5
    assert has_pauses()


@pytest.mark.parametrize(("pause", "share"), [(0, 0.4), (0, 0), (0.5, 1)])
def test_there_are_no_pauses_where_a_run_may_always_work(settings, pause, share):
    settings.MAINTENANCE_BATCH_PAUSE, settings.MAINTENANCE_DUTY_CYCLE = pause, share

    assert not has_pauses()
    assert pause_after(0.07) == pytest.approx(0)


@pytest.mark.django_db
def test_a_run_pauses_after_each_batch_by_what_the_batch_took(scratch_job, monkeypatch):
    clock, waited = [0.0], []

    def process(batch):
        clock[0] += 0.01 * (1 + len(waited))
        return Outcome(deleted=batch.delete()[0])

    for number in range(3):
        Item.objects.create(label=f"item-{number}")
    monkeypatch.setattr(batches, "FIRST", 1)
    monkeypatch.setattr(executor, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    monkeypatch.setattr(CancellationToken, "wait", lambda _token, wanted: waited.append(wanted))
    scratch_job(stages=lambda _job, _now: [RowStage(Item.objects.all(), process, largest_batch=1)])

    assert run_now("scratch").success
    assert waited == pytest.approx([0.015, 0.03])

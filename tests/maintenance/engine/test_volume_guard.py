"""The volume guard: a job that cannot be undone does not start on far more units than usual."""

import pytest

from maintenance.core.states import Status
from maintenance.engine import volume_guard
from maintenance.engine.runner import run_now
from maintenance.engine.volume_guard import VolumeGuardStopped
from maintenance.models import JobRun
from tests.engine_app.models import Item

pytestmark = pytest.mark.django_db


def make_history(due, count=3, **fields):
    for _ in range(count):
        JobRun.objects.create(job="scratch", trigger="schedule", status=Status.SUCCEEDED, items_due=due, **fields)


def test_an_irreversible_job_stops_before_far_more_than_usual(scratch_job, items, monkeypatch):
    monkeypatch.setattr(volume_guard, "FLOOR", 10)
    scratch_job()
    items(51)
    make_history(due=5)

    stopped = run_now("scratch")

    assert stopped.status == Status.FAILED
    assert "--confirm-count 51" in stopped.message
    assert stopped.details["brake"] == 51
    assert Item.objects.count() == 51
    assert run_now("scratch").status == Status.FAILED, "a stopped run is no precedent"
    assert run_now("scratch", confirm_count=50).status == Status.FAILED
    assert run_now("scratch", confirm_count=51).success
    assert not Item.objects.exists()


@pytest.mark.parametrize(
    ("due", "usual", "attributes"),
    [(10, 1, {}), (50, 5, {}), (51, 5, {"irreversible": False}), (51, None, {})],
    ids=["at the floor", "ten times the usual", "reversible", "first run ever"],
)
def test_other_numbers_are_not_stopped(scratch_job, items, monkeypatch, due, usual, attributes):
    monkeypatch.setattr(volume_guard, "FLOOR", 10)
    scratch_job(**attributes)
    items(due)
    if usual is not None:
        make_history(due=usual)

    assert run_now("scratch").success


def test_the_usual_number_is_of_the_last_ten_real_runs(scratch_job, items, monkeypatch):
    monkeypatch.setattr(volume_guard, "FLOOR", 10)
    scratch_job()
    items(51)
    make_history(due=1_000, count=1)
    make_history(due=1, count=10)
    make_history(due=1_000, count=1, dry_run=True)

    assert run_now("scratch").status == Status.FAILED


def test_a_run_with_options_of_its_own_is_not_usual(scratch_job):
    job = scratch_job()
    assert volume_guard.usual_due(job) is None

    make_history(due=7, count=1)
    make_history(due=900, count=1, details={"options": ["sweep"]})

    assert volume_guard.usual_due(job) == 7


def test_a_first_run_with_nothing_due_makes_any_number_unusual(scratch_job):
    job = scratch_job()
    make_history(due=0, count=1)

    assert volume_guard.exceeded(job, volume_guard.FLOOR) is None
    assert volume_guard.exceeded(job, volume_guard.FLOOR + 1) == 0


@pytest.mark.parametrize("confirmed", [1_001, 5_000])
def test_a_confirmed_number_passes(scratch_job, confirmed):
    job = scratch_job()
    make_history(due=1, count=1)
    with pytest.raises(VolumeGuardStopped):
        volume_guard.check(job, 1_001, 1_000)

    volume_guard.check(job, 1_001, confirmed)


def test_the_command_that_confirms_has_the_options_of_the_run(scratch_job):
    job = scratch_job()
    make_history(due=1, count=1)

    with pytest.raises(VolumeGuardStopped) as stopped:
        volume_guard.check(job, 2_000, None, ["sweep"])

    assert stopped.value.due == 2_000
    assert str(stopped.value) == (
        "2,000 are due, and none of the last 10 runs had more than 1: nothing was done. "
        "If this number is correct, run `manage.py scratch --sweep --confirm-count 2000`."
    )


@pytest.mark.parametrize(
    ("due", "total", "confirmed", "stops"),
    [(0, 0, None, False), (1, 10, None, False), (2, 19, None, True), (2, 19, 1, True), (2, 19, 2, False)],
)
def test_more_than_a_tenth_of_all_files_is_stopped(scratch_job, due, total, confirmed, stops):
    job = scratch_job()
    if not stops:
        volume_guard.check_share(job, due, total, confirmed, [])
        return
    with pytest.raises(VolumeGuardStopped, match=f"more than one in 10 of all {total}"):
        volume_guard.check_share(job, due, total, confirmed, [])

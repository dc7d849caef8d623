"""The charts of a job's page have a scale: the highest value, the median, the guard's limit, first and last time."""

from datetime import UTC, datetime, timedelta

import pytest

from maintenance.engine import volume_guard
from maintenance.models import JobRun
from maintenance.pages.job_charts import figures_of

pytestmark = pytest.mark.django_db
AT = datetime(2026, 6, 1, 4, 30, tzinfo=UTC)


def make_runs(*done):
    """Make runs of ten seconds and more, a day apart."""
    for day, items in enumerate(done):
        start = AT + timedelta(days=day)
        end = start + timedelta(seconds=10 + day)
        times = {"queued_at": start, "started_at": start, "finished_at": end}
        JobRun.objects.create(
            job="scratch", trigger="schedule", status="succeeded", items_due=items, items_done=items, **times
        )
    return list(JobRun.objects.order_by("pk"))


def test_a_chart_names_its_highest_value_median_and_times(scratch_job):
    scratch_job(irreversible=False)
    runs = make_runs(4, 2_500, 7)

    durations, items = figures_of("scratch", runs)

    assert (durations.highest, durations.highest_run, durations.median) == ("12 s", runs[2].pk, "11 s")
    assert (items.highest, items.highest_run, items.median, items.guard) == ("2,500", runs[1].pk, "7", "")
    assert (durations.first, durations.last) == (AT, AT + timedelta(days=2))
    assert ["mb-median" in figure.drawing for figure in (durations, items)] == [True, True]


def test_the_guard_is_named_always_and_drawn_where_it_is_near(scratch_job):
    scratch_job(irreversible=True)

    for usual, is_near in ((400, True), (1, False)):
        JobRun.objects.all().delete()
        _durations, items = figures_of("scratch", make_runs(usual, usual))

        assert items.guard == f"{max(volume_guard.FLOOR, volume_guard.FACTOR * usual):,}"
        assert ("mb-guard" in items.drawing) is is_near, usual


def test_without_runs_there_is_no_scale(scratch_job):
    scratch_job(irreversible=True)

    for figure in figures_of("scratch", []):
        assert (figure.highest, figure.median, figure.guard, figure.first) == ("", "", "", None)

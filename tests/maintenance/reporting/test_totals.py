"""Totals of runs, which pruning never changes."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings as examples, strategies as st

from maintenance.core.states import FINISHED, UNFINISHED, Status
from maintenance.models import JobRun
from maintenance.reporting.period import Period, report_of
from maintenance.reporting.totals import Total, add, prune, totals
from maintenance.total_models import DailyTotal, RunTotal

pytestmark = pytest.mark.django_db

AT = datetime(2026, 6, 1, tzinfo=UTC)


def make_run(status=Status.SUCCEEDED, *, job="a", seconds=2, **fields):
    times = {"queued_at": AT, "started_at": AT, "finished_at": AT + timedelta(seconds=seconds)}
    return JobRun.objects.create(**{"job": job, "trigger": "schedule", "status": status, **times, **fields})


def prune_all(**conditions):
    with transaction.atomic():
        return prune(JobRun.objects.filter(**conditions))


def test_without_runs_there_are_no_totals():
    assert totals() == []


def test_runs_are_summed_by_job_and_status():
    make_run(items_done=3), make_run(items_done=4, seconds=5), make_run(Status.FAILED), make_run(job="b")

    assert totals() == [
        Total("a", "failed", 1, 0, timedelta(seconds=2)),
        Total("a", "succeeded", 2, 7, timedelta(seconds=7)),
        Total("b", "succeeded", 1, 0, timedelta(seconds=2)),
    ]


def test_dry_runs_and_unfinished_runs_are_not_counted():
    make_run(dry_run=True)
    for number, status in enumerate(UNFINISHED):
        make_run(status, job=f"job-{number}")

    assert totals() == []


@pytest.mark.parametrize("status", FINISHED)
def test_a_run_that_never_started_has_no_duration(status):
    make_run(status, started_at=None)

    assert totals() == [Total("a", status, 1, 0, timedelta(0))]


def test_pruning_changes_no_total():
    for number in range(4):
        make_run(items_done=number)
    make_run(Status.MISSED, started_at=None, finished_at=None)
    make_run(dry_run=True)
    before = totals()

    assert prune_all(items_done__lt=2) == 4
    assert totals() == before
    assert prune_all() == 2

    assert totals() == before
    assert not JobRun.objects.exists()
    assert RunTotal.objects.count() == DailyTotal.objects.count() == 2


def test_pruning_nothing_leaves_nothing():
    make_run()

    assert prune_all(pk=0) == 0
    assert not RunTotal.objects.exists()


def test_a_pruning_that_is_rolled_back_is_counted_once():
    make_run(items_done=3)
    before = totals()

    class Refused(Exception):
        pass

    def refused():
        with transaction.atomic():
            prune(JobRun.objects.all())
            raise Refused

    with pytest.raises(Refused):
        refused()

    assert totals() == before
    assert JobRun.objects.count() == 1


def test_a_run_is_added_once():
    run = make_run(items_done=3)

    assert add(JobRun.objects.all()) == 1
    assert add(JobRun.objects.all()) == 0

    run.refresh_from_db()
    assert run.is_totalled
    assert totals() == [Total("a", "succeeded", 1, 3, timedelta(seconds=2))]


def test_runs_that_are_added_are_read_no_more(django_assert_num_queries):
    make_run(items_done=3)
    add(JobRun.objects.all())
    JobRun.objects.update(items_done=99)

    with django_assert_num_queries(1):
        assert totals()[0].items == 3


def test_days_are_those_on_which_runs_ended_in_utc():
    midnight = datetime(2026, 6, 2, tzinfo=UTC)
    for moment in (midnight - timedelta(microseconds=1), midnight, midnight + timedelta(hours=23)):
        make_run(started_at=AT, finished_at=moment)
    add(JobRun.objects.all())

    days = DailyTotal.objects.order_by("day").values_list("day", "runs")
    assert [(str(day), runs) for day, runs in days] == [("2026-06-01", 1), ("2026-06-02", 2)]


NUMBER = st.integers(0, 50)
UNITS = st.fixed_dictionaries({}, optional={"due": NUMBER, "done": NUMBER, "unchanged": NUMBER, "held": NUMBER})
RUN = st.fixed_dictionaries(
    {
        "status": st.sampled_from(FINISHED),
        "job": st.sampled_from(["cleanup-expired-tokens", "cleanup-push-tokens", "gone"]),
        "day": st.integers(0, 3),
        "seconds": NUMBER,
        "items_due": st.none() | NUMBER,
        "items_done": NUMBER,
        "dry_run": st.booleans(),
        "details": st.fixed_dictionaries(
            {},
            optional={
                "counts": st.dictionaries(st.sampled_from(["failed", "unchanged", "held_back", "bytes"]), NUMBER),
                "limits": st.dictionaries(st.sampled_from(["", "MAGIC_LINK_RETENTION_DAYS", "OLD_DAYS"]), UNITS),
                "missed": NUMBER,
                "brake": NUMBER,
            },
        ),
    }
)


def reports():
    """Return the report for each part of the days on which runs ended."""
    days = [(AT + timedelta(days=number)).date() for number in range(4)]
    periods = [Period(first, last) for first in days for last in days if first <= last]
    return [{**report_of(period).as_json(), "made_at": ""} for period in periods]


@examples(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(runs=st.lists(RUN, max_size=8), pruned=st.sets(st.integers(0, 7)), added=st.sets(st.integers(0, 7)))
def test_a_report_and_the_totals_are_the_same_after_any_pruning(db, runs, pruned, added):
    with transaction.atomic():
        ids = []
        for run in runs:
            at = AT + timedelta(days=run["day"])
            times = {"queued_at": at, "started_at": at, "finished_at": at + timedelta(seconds=run["seconds"])}
            values = {name: value for name, value in run.items() if name not in {"day", "seconds"}}
            ids.append(JobRun.objects.create(trigger="schedule", **times, **values).pk)
        before = (totals(), reports())
        assert before[1][3]["total"]["runs"] == sum(not run["dry_run"] for run in runs)

        add(JobRun.objects.filter(pk__in=[pk for number, pk in enumerate(ids) if number in added]))
        assert (totals(), reports()) == before
        prune(JobRun.objects.filter(pk__in=[pk for number, pk in enumerate(ids) if number in pruned]))
        assert (totals(), reports()) == before
        prune(JobRun.objects.all())

        assert not JobRun.objects.exists()
        assert (totals(), reports()) == before
        transaction.set_rollback(True)


def test_a_run_that_ended_before_it_started_takes_nothing_off():
    ordinary, odd = (make_run(items_done=3) for _ in range(2))
    JobRun.objects.filter(pk=odd.pk).update(finished_at=odd.started_at - timedelta(days=1))

    [before] = totals()
    assert (before.runs, before.duration) == (2, ordinary.duration)
    with transaction.atomic():
        add(JobRun.objects.all())

    assert totals() == [before]

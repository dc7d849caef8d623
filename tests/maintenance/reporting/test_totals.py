"""Totals of runs, which pruning never changes."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from maintenance.core.states import FINISHED, UNFINISHED, Status
from maintenance.models import JobRun, RunTotal
from maintenance.reporting.totals import Total, prune, totals

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
    assert RunTotal.objects.count() == 2


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

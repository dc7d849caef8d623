"""What cleanup-run-history keeps whatever its age."""

from datetime import UTC, datetime, timedelta

import pytest
from django_q.models import Task

from maintenance.engine.runner import run_now
from maintenance.models import JobRun
from maintenance.reporting import totals
from maintenance.total_models import RunTotal

pytestmark = pytest.mark.django_db

JOB = "cleanup-run-history"
NOW = datetime(2026, 6, 1, 1, 30, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=1_000)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def make_run(status, job="recalculate-karma", **fields):
    return JobRun.objects.create(
        **{
            "job": job,
            "trigger": "schedule",
            "status": status,
            "queued_at": LONG_AGO,
            "started_at": LONG_AGO,
            "finished_at": LONG_AGO + MINUTE,
            "items_done": 10,
            **fields,
        }
    )


def left():
    return set(JobRun.objects.exclude(job=JOB))


@pytest.mark.parametrize("failure", ["failed", "partial", "crashed"])
def test_the_last_success_and_the_last_failure_of_each_job_are_always_kept(failure):
    kept = set()
    for job in ("recalculate-karma", "cleanup-push-tokens"):
        for status in ("succeeded", failure):
            make_run(status, job)
            kept.add(make_run(status, job))
        make_run("cancelled", job)
        make_run("succeeded", job, dry_run=True)

    result = run_now(JOB, now=NOW)

    assert left() == kept
    assert result.details["counts"] == {"deleted": 8, "runs": 8}


@pytest.mark.parametrize("status", ["queued", "running"])
def test_a_run_that_has_not_ended_is_none_of_the_history(status):
    run = make_run(status, finished_at=None)

    run_now(JOB, now=NOW)

    assert left() == {run}


def test_successes_of_the_queue_stay():
    Task.objects.create(id="a" * 32, func="f", started=LONG_AGO, stopped=LONG_AGO, success=True)

    run_now(JOB, now=NOW)

    assert Task.objects.count() == 1


def figures():
    return {(t.job, t.status): (t.runs, t.items, t.duration) for t in totals.totals() if t.job != JOB}


@pytest.fixture
def history():
    for job in ("recalculate-karma", "cleanup-push-tokens"):
        for status in ("succeeded", "failed"):
            for _ in range(3):
                make_run(status, job)
    make_run("skipped", started_at=None)
    make_run("succeeded", dry_run=True)


@pytest.mark.usefixtures("history")
def test_totals_do_not_fall_when_history_is_pruned(batches_of):
    batches_of(2)
    before = figures()
    assert before["recalculate-karma", "succeeded"] == (3, 30, 3 * MINUTE)
    assert before["recalculate-karma", "skipped"] == (1, 10, timedelta(0))

    result = run_now(JOB, now=NOW)
    assert result.details["counts"]["runs"] == 10
    assert figures() == before
    assert len(left()) == 4

    make_run("succeeded")
    run_now(JOB, now=NOW)
    assert figures() == {**before, ("recalculate-karma", "succeeded"): (4, 40, 4 * MINUTE)}
    assert RunTotal.objects.get(job="recalculate-karma", status="succeeded").runs == 4
    assert not JobRun.objects.filter(is_totalled=False).exclude(job=JOB).filter(dry_run=False).exists()


def test_what_is_added_to_totals_is_no_change_that_is_told():
    make_run("succeeded", queued_at=NOW, started_at=NOW, finished_at=NOW)

    result = run_now(JOB, now=NOW)

    assert result.details["counts"] == {}
    assert JobRun.objects.get(is_totalled=True).job == "recalculate-karma"


def test_a_run_that_ends_while_totals_are_made_is_added_by_the_next_run(monkeypatch):
    """The other jobs of the night end beside this one."""
    make_run("succeeded", job="a", queued_at=NOW)
    running = make_run("running", job="b", queued_at=NOW)
    make_run("succeeded", job="a", queued_at=NOW)
    add = totals.add

    def add_beside_another_run(runs):
        added = add(runs)
        JobRun.objects.filter(pk=running.pk).update(status="succeeded")
        return added

    monkeypatch.setattr(totals, "add", add_beside_another_run)

    first = run_now(JOB, now=NOW)

    assert (first.status, first.details["counts"]) == ("succeeded", {})
    assert {run.job for run in JobRun.objects.filter(is_totalled=True)} == {"a"}
    assert run_now(JOB, now=NOW).success
    assert {run.job for run in JobRun.objects.filter(is_totalled=True)} >= {"a", "b"}


@pytest.mark.usefixtures("history")
def test_a_batch_that_is_rolled_back_is_counted_once(batches_of, monkeypatch):
    batches_of(4)
    before, bad = figures(), JobRun.objects.earliest("pk").pk
    prune = totals.prune

    def prune_with_a_fault(runs):
        had_bad_one = runs.filter(pk=bad).exists()
        prune(runs)
        if had_bad_one:
            raise RuntimeError
        return 0

    monkeypatch.setattr(totals, "prune", prune_with_a_fault)

    assert run_now(JOB, now=NOW).status == "partial"

    assert JobRun.objects.filter(pk=bad).exists()
    assert figures() == before

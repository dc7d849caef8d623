"""What the pages read of the history: the right runs, in the right order, in a constant number of queries."""

from datetime import UTC, datetime, timedelta

import pytest

from maintenance.core.states import Status
from maintenance.models import JobRun
from maintenance.pages import runs

pytestmark = pytest.mark.django_db

AT = datetime(2026, 6, 1, tzinfo=UTC)


def make_run(status=Status.SUCCEEDED, *, job="a", hour=0, seconds=2, **fields):
    at = AT + timedelta(hours=hour)
    times = {"queued_at": at, "started_at": at, "finished_at": at + timedelta(seconds=seconds)}
    return JobRun.objects.create(**{"job": job, "trigger": "schedule", "status": status, **times, **fields})


def test_the_latest_runs_of_each_job_stand_in_their_order():
    made = {job: [make_run(job=job) for _ in range(4)] for job in ("b", "a")}
    make_run(job="a", dry_run=True)
    make_run(job="c")

    found = runs.latest(["a", "b", "none"], 3)

    assert found == {job: made[job][1:] for job in ("a", "b")}


def test_the_latest_runs_of_no_job_are_none(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert runs.latest([], 3) == {}


@pytest.mark.parametrize("number", [1, 5])
def test_one_query_reads_the_latest_runs_of_any_number_of_jobs(number, django_assert_num_queries):
    names = [f"job-{n}" for n in range(number)]
    for name in names * 3:
        make_run(job=name)

    with django_assert_num_queries(1):
        assert {name: len(found) for name, found in runs.latest(names, 2).items()} == dict.fromkeys(names, 2)


def test_unfinished_runs_are_the_queued_and_the_running_ones():
    queued, running = make_run(Status.QUEUED, dry_run=True), make_run(Status.RUNNING)
    make_run()

    assert runs.unfinished() == [running, queued]


def test_neighbours_are_of_the_same_job():
    first, other, second, third = make_run(), make_run(job="b"), make_run(), make_run(dry_run=True)

    assert runs.neighbours(second) == (first, third)
    assert runs.neighbours(first) == (None, second)
    assert runs.neighbours(third) == (second, None)
    assert runs.neighbours(other) == (None, None)


def record(name, sqlstate=None, constraint=None):
    return {"error": f"django.db.utils.{name}", "sqlstate": sqlstate, "constraint": constraint, "frames": []}


def test_failed_runs_are_grouped_by_their_error():
    first = make_run(Status.FAILED, error=record("IntegrityError", "23505", "one"))
    make_run(Status.FAILED, error=record("IntegrityError", "23505", "other"), hour=1)
    last = make_run(Status.FAILED, error=record("IntegrityError", "23505", "one"), hour=2)
    make_run(Status.FAILED, error=record("IntegrityError", "23505", "one"), job="b", hour=9)

    one, other = runs.failures("a")

    assert (one.error, one.state, one.count) == ("IntegrityError 23505 one", Status.FAILED, 2)
    assert (one.first, one.last, one.last_run) == (first.finished_at, last.finished_at, last.pk)
    assert (other.error, other.count) == ("IntegrityError 23505 other", 1)


def test_a_failure_without_an_error_has_its_state():
    make_run(Status.CRASHED, error=None, finished_at=None)
    make_run(Status.FAILED, error=None, hour=1)

    assert [(group.state, group.error) for group in runs.failures("a")] == [(Status.FAILED, ""), (Status.CRASHED, "")]


def test_failed_items_are_grouped_by_their_cause():
    first = make_run(Status.PARTIAL, details={"errors": [{"id": 1, "error": "locked"}, {"id": 2, "error": "locked"}]})
    last = make_run(
        Status.PARTIAL, hour=3, details={"errors": [{"id": 3, "error": "locked"}, {"id": 4, "error": "in use"}]}
    )
    make_run(Status.PARTIAL, hour=4, details={})

    found = {group.error: group for group in runs.failures("a")}

    assert found.keys() == {"locked", "in use"}
    assert (found["locked"].count, found["locked"].last_run, found["locked"].state) == (3, last.pk, Status.PARTIAL)
    assert (found["locked"].first, found["locked"].last) == (first.finished_at, last.finished_at)


@pytest.mark.parametrize("errors", [["a text"], [None], [{"id": 1}]])
def test_details_of_another_form_are_no_server_error(errors):
    make_run(Status.PARTIAL, details={"errors": errors})

    assert [(group.error, group.count) for group in runs.failures("a")] == [("", 1)]

"""The summary of a job: its last run, its active runs, what is due, and its limits."""

from datetime import UTC, datetime, timedelta

import pytest

from maintenance.engine.results import JobResult
from maintenance.models import JobRun
from maintenance.pages.cards import card_of, limits_of
from maintenance.reporting.cached_backlog import MOST, CachedBacklog
from maintenance.reporting.status import JobStatus

AT = datetime(2026, 6, 1, tzinfo=UTC)


def status_of(result=None):
    return JobStatus("scratch", "", "0 0 * * *", "", True, False, None, None, result)


def run_of(pk, job="scratch", status="succeeded"):
    return JobRun(pk=pk, job=job, status=status, queued_at=AT, started_at=AT, finished_at=AT + timedelta(seconds=1))


def card(result=None, latest=(), unfinished=(), due=None):
    backlog = CachedBacklog(AT, {} if due is None else {"scratch": due})
    return card_of(status_of(result), latest, unfinished, backlog)


def test_the_last_run_is_the_one_of_the_result():
    runs = [run_of(1), run_of(2), run_of(3)]

    assert card(JobResult("scratch", "succeeded", "", run_id=2), runs).last == runs[1]
    assert card(JobResult("scratch", "succeeded", "", run_id=99), runs).last is None
    assert card(None, runs).last is None


def test_active_runs_are_those_of_the_job():
    runs = [run_of(1, status="running"), run_of(2, job="other", status="running")]

    assert card(unfinished=runs).active == runs[:1]


@pytest.mark.parametrize(
    ("due", "text"),
    [(None, ""), (0, "0"), (MOST - 1, f"{MOST - 1:,}"), (MOST, f"{MOST:,} or more"), (MOST + 1, f"{MOST:,} or more")],
)
def test_the_number_due_is_exact_below_the_most_that_is_counted(due, text):
    assert card(due=due).due == text


@pytest.mark.parametrize(("details", "number"), [({"brake": 51}, 51), ({}, None)])
def test_the_number_at_a_safety_stop_is_told(details, number):
    assert card(JobResult("scratch", "failed", "", details=details)).due_at_stop == number
    assert card().due_at_stop is None


def test_an_invalid_limit_is_told_as_its_error(scratch_job, settings):
    scratch_job()
    assert limits_of("scratch") == ["90 days"]

    settings.SCRATCH_RETENTION_DAYS = "soon"
    [error] = limits_of("scratch")
    assert "SCRATCH_RETENTION_DAYS" in error


def test_a_job_that_cannot_be_loaded_has_no_limits():
    assert limits_of("nope") == []

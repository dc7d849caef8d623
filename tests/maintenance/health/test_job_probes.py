"""Each health check of jobs and runs alone, at its borders: which result it yields for which state."""

from datetime import timedelta

import pytest

from maintenance.core import registry
from maintenance.core.states import Status
from maintenance.engine.results import JobResult
from maintenance.health import job_probes
from maintenance.health.context import UnfinishedRun
from maintenance.models import JobRun
from maintenance.reporting.status import SAVE_AGAIN, SET_ANOTHER, JobStatistics, JobStatus
from tests.maintenance.health.contexts import BUSY, DOWN, MOMENT, NOW, UP, codes, context


def job(**values):
    fields = {
        "name": "scratch",
        "description": "",
        "schedule": "0 0 * * *",
        "schedule_sentence": "At 00:00",
        "enabled": True,
        "is_running": False,
        "last_run": None,
        "next_run": NOW + timedelta(hours=1),
        "last_result": None,
    }
    return JobStatus(**{**fields, **values})


def with_jobs(*jobs):
    return context(statistics=JobStatistics(len(jobs), len(jobs), 0, list(jobs)))


def last(status, **values):
    return JobResult("scratch", status, "", run_id=7, **values)


@pytest.mark.parametrize(
    ("values", "result"),
    [
        ({}, ("jobs", "well")),
        ({"next_run": None, "enabled": False}, ("jobs", "well")),
        ({"next_run": NOW - job_probes.SCHEDULE_WITHIN}, ("jobs", "well")),
        ({"next_run": NOW - job_probes.SCHEDULE_WITHIN - MOMENT}, ("schedule-overdue", "wrong")),
        ({"problem": "It is broken."}, ("schedule-broken", "wrong")),
        ({"last_result": last(Status.SUCCEEDED)}, ("jobs", "well")),
        ({"last_result": last(Status.CANCELLED)}, ("jobs", "well")),
        ({"last_result": last(Status.FAILED)}, ("job-failed", "wrong")),
        ({"last_result": last(Status.PARTIAL)}, ("job-failed", "wrong")),
        ({"last_result": last(Status.CRASHED)}, ("job-failed", "wrong")),
        ({"last_result": last(Status.OUT_OF_TIME)}, ("job-out-of-time", "warning")),
    ],
)
@pytest.mark.django_db
def test_a_job_has_one_result(values, result):
    assert codes(job_probes.probe_jobs, with_jobs(job(**values))) == [result]


def test_a_job_that_cannot_be_loaded_has_no_other_fault_of_its_schedule(monkeypatch):
    monkeypatch.setattr(registry, "broken", lambda: {"scratch": "ImportError"})

    results = list(job_probes.probe_jobs(with_jobs(job(problem="No schedule."))))

    assert [result.code for result in results] == ["job-broken"]
    assert results[0].job == "scratch"
    assert "ImportError" in results[0].sentence


def test_each_fault_of_each_job_is_told(monkeypatch):
    both = job(problem=f"It is broken: {SAVE_AGAIN}", last_result=last(Status.FAILED))

    results = list(job_probes.probe_jobs(with_jobs(both, job(name="other"))))

    assert [(result.code, result.job) for result in results] == [
        ("schedule-broken", "scratch"),
        ("job-failed", "scratch"),
    ]
    assert results[0].sentence == "The schedule of scratch is broken (it is broken)."
    assert "failed (run 7)" in results[1].sentence


@pytest.mark.parametrize(("remedy", "other"), [(SAVE_AGAIN, SET_ANOTHER), (SET_ANOTHER, SAVE_AGAIN)])
def test_a_broken_schedule_has_the_remedy_of_its_fault(remedy, other):
    [result] = job_probes.probe_jobs(with_jobs(job(problem=f"It cannot be read: why. {remedy}")))

    assert (result.remedy, result.sentence) == (
        str(remedy),
        "The schedule of scratch is broken (it cannot be read: why).",
    )
    assert str(other) not in result.sentence


@pytest.mark.parametrize(
    ("options", "action"),
    [
        ([], "or confirm the number (`manage.py scratch --confirm-count 2000`)."),
        (["sweep"], "or run `manage.py scratch --sweep --confirm-count 2000`."),
    ],
)
def test_the_volume_guard_is_named_with_what_confirms_its_number(scratch_job, options, action):
    scratch_job()
    stopped = last(Status.FAILED, details={"brake": 2_000, "options": options})

    [result] = job_probes.probe_jobs(with_jobs(job(last_result=stopped)))

    assert (result.code, result.run) == ("job-failed", 7)
    assert result.sentence == "The volume guard stopped the last run of scratch (run 7)."
    assert result.remedy == f"Check the age limits and the clocks, {action}"


def test_a_run_is_named_by_its_id():
    results = job_probes.probe_jobs(with_jobs(job(last_result=last(Status.CRASHED))))

    assert [(result.job, result.run) for result in results] == [("scratch", 7)]


@pytest.mark.django_db
@pytest.mark.parametrize(("details", "number"), [({"backlog": 1_500}, "1,500"), ({}, "0")])
def test_the_remaining_items_of_a_run_out_of_time_are_told(details, number):
    [result] = job_probes.probe_jobs(with_jobs(job(last_result=last(Status.OUT_OF_TIME, details=details))))

    assert f"{number} remaining (run 7)" in result.sentence


# The runs


def queued(ago, **values):
    return JobRun(pk=9, job="scratch", status=Status.QUEUED, queued_at=NOW - ago, **{"task_id": "abc", **values})


@pytest.mark.parametrize(
    ("run", "is_lost", "queue", "result"),
    [
        (JobRun(pk=9, job="scratch", status=Status.RUNNING), False, UP, ("runs", "well")),
        (JobRun(pk=9, job="scratch", status=Status.RUNNING), True, UP, ("run-stale", "wrong")),
        (queued(job_probes.RUN_WITHIN), False, UP, ("runs", "well")),
        (queued(job_probes.RUN_WITHIN + MOMENT), False, UP, ("run-waits", "wrong")),
        (queued(job_probes.RUN_WITHIN + MOMENT), False, DOWN, ("run-waits", "wrong")),
        (queued(job_probes.RUN_WITHIN + MOMENT), False, BUSY, ("runs", "well")),
        (queued(job_probes.RUN_WITHIN + MOMENT, task_id=""), False, UP, ("runs", "well")),
        (queued(job_probes.RUN_WITHIN + MOMENT, heartbeat_at=NOW), False, UP, ("runs", "well")),
    ],
)
def test_an_unfinished_run_has_one_result(run, is_lost, queue, result):
    unfinished = [UnfinishedRun(run, is_lost=is_lost, holds_a_worker=False)]

    assert codes(job_probes.probe_runs, context(unfinished=unfinished, queue=queue)) == [result]


def test_the_oldest_run_is_told_first():
    unfinished = [UnfinishedRun(JobRun(pk=pk, job="scratch"), is_lost=True, holds_a_worker=False) for pk in (9, 8)]

    first, second = job_probes.probe_runs(context(unfinished=unfinished))

    assert ("Run 8 " in first.sentence, "Run 9 " in second.sentence) == (True, True)

"""The health summary of a page: one sentence, and the problems with their causes and what helps."""

from datetime import UTC, datetime

import pytest

from maintenance.core.states import Status
from maintenance.engine.results import JobResult
from maintenance.health.check_result import CheckResult
from maintenance.health.context import UnfinishedRun
from maintenance.health.snapshot import PageReport
from maintenance.models import JobRun
from maintenance.pages.check_results import summary_of
from maintenance.reporting.paused import PauseStatus
from maintenance.reporting.status import JobStatistics, JobStatus
from tests.maintenance.health.contexts import context

NOW = datetime(2026, 6, 1, tzinfo=UTC)
OK = CheckResult.ok("queue", "No task is queued.")
PAUSE = CheckResult.warning("paused", "All jobs are paused since yesterday.", "Resume.")
WARNING = CheckResult.warning("job-out-of-time", "It ran out of time.", "Raise it.", "a")
STUCK = CheckResult.error("queue-stuck", "The queue is stuck.", "Restart.")
SETTING = CheckResult.error("setting-wrong", "One is wrong.", "Set it.")
FAILED = {name: CheckResult.error("job-failed", "It failed.", "Fix it.", name, 7) for name in "ab"}
HELP = {
    "job-failed": "can_run",
    "job-out-of-time": "can_run",
    "retention-overdue": "can_run",
    "run-hangs": "can_cancel",
    "run-waits": "can_cancel",
    "schedule-broken": "can_edit",
}


def status_of(result=None, paused=None):
    return JobStatus("a", "", "0 0 * * *", "", True, False, None, None, result, paused)


def summary(*results, total=9, enabled=9, jobs=(), unfinished=()):
    health = context(
        statistics=JobStatistics(total, enabled, 0, list(jobs)),
        unfinished=[UnfinishedRun(run, is_lost=False, holds_a_worker=False) for run in unfinished],
    )
    return summary_of(PageReport(results, NOW, 0.0, slow_checked_at=NOW), health)


def problem(result, last=None, paused=None, **values):
    [found] = summary(result, jobs=[status_of(last, paused)], **values).problems
    return found


@pytest.mark.parametrize(
    ("results", "tone", "sentence"),
    [
        ([OK], "good", "All 9 jobs are healthy."),
        ([OK, PAUSE], "warn", "All jobs are paused since yesterday."),
        ([OK, WARNING], "warn", "There are no errors, and 1 warning."),
        ([WARNING, WARNING], "warn", "There are no errors, and 2 warnings."),
        ([STUCK], "bad", "The queue does not work."),
        ([SETTING], "bad", "There is an error."),
        ([FAILED["a"]], "bad", "1 of 9 jobs needs attention."),
        ([FAILED["a"], FAILED["a"]], "bad", "1 of 9 jobs needs attention."),
        ([FAILED["a"], FAILED["b"], WARNING], "bad", "2 of 9 jobs need attention."),
        ([STUCK, FAILED["a"]], "bad", "The queue does not work. 1 of 9 jobs needs attention."),
        ([PAUSE, SETTING], "bad", "All jobs are paused since yesterday. There is an error."),
    ],
)
def test_a_report_has_one_sentence(results, tone, sentence):
    made = summary(*results)

    assert (made.tone, made.sentence) == (tone, sentence)
    assert [problem.result for problem in made.problems] == [one for one in results if one not in (OK, PAUSE)]
    assert made.slow_checked_at == NOW


@pytest.mark.parametrize(
    ("total", "enabled", "sentence"),
    [
        (1, 1, "The only job is healthy."),
        (9, 8, "All 9 jobs are healthy. 1 is disabled."),
        (9, 0, "All 9 jobs are healthy. 9 are disabled."),
    ],
)
def test_disabled_jobs_are_counted(total, enabled, sentence):
    assert summary(OK, total=total, enabled=enabled).sentence == sentence


@pytest.mark.parametrize("code", [*HELP, "queue-stuck", "run-stale", "setting-wrong", "job-broken"])
def test_a_problem_offers_what_helps(code):
    found = problem(CheckResult.error(code, "It is so.", "Do it.", "a", 7))

    offered = {name for name in ("can_run", "can_cancel", "can_edit") if getattr(found, name)}
    assert offered == ({HELP[code]} if code in HELP else set())


def test_a_problem_has_the_message_of_its_run_and_of_no_other():
    last = JobResult("a", Status.FAILED, "The disk is full.", run_id=7)

    assert problem(FAILED["a"], last).message == "The disk is full."
    assert problem(CheckResult.warning("job-out-of-time", "Out.", "", "a", 6), last).message == ""
    assert problem(CheckResult.error("retention-overdue", "Late.", "", "a"), last).message == ""


@pytest.mark.parametrize(
    ("details", "number"),
    [({"brake": 51}, 51), ({}, None), ({"brake": "y"}, None), ({"brake": 51, "options": ["x"]}, None)],
)
def test_the_number_that_the_volume_guard_named_can_be_confirmed(details, number):
    assert problem(FAILED["a"], JobResult("a", Status.FAILED, "", run_id=7, details=details)).due_at_stop == number


def test_a_job_is_not_run_again_while_a_run_is_active_or_it_is_paused():
    run = JobRun(job="a", status=Status.RUNNING)

    assert problem(FAILED["a"], unfinished=[JobRun(job="b"), JobRun(job="a", dry_run=True)]).can_run
    found = problem(FAILED["a"], unfinished=[run])
    assert (found.can_run, found.active) == (False, run)
    assert not problem(FAILED["a"], paused=PauseStatus(None, NOW, None, "", None)).can_run


@pytest.mark.parametrize("name", ["cleanup-push-tokens", "recalculate-karma", "gone-job"])
def test_a_problem_knows_whether_its_job_can_be_undone(name):
    [found] = summary(CheckResult.error("retention-overdue", "Late.", "", name)).problems

    assert found.is_irreversible == (name == "cleanup-push-tokens")

"""The health summary of a page: one sentence, and the problems."""

from datetime import UTC, datetime

import pytest

from maintenance.health.check_result import CheckResult
from maintenance.health.snapshot import PageReport
from maintenance.pages.check_results import summary_of
from maintenance.reporting.status import JobStatistics

NOW = datetime(2026, 6, 1, tzinfo=UTC)
OK = CheckResult.ok("queue", "No task is queued.")
PAUSE = CheckResult.warning("paused", "All jobs are paused since yesterday.", "Resume.")
WARNING = CheckResult.warning("job-out-of-time", "It ran out of time.", "Raise it.", "a")
STUCK = CheckResult.error("queue-stuck", "The queue is stuck.", "Restart.")
SETTING = CheckResult.error("setting-wrong", "One is wrong.", "Set it.")
FAILED = {name: CheckResult.error("job-failed", "It failed.", "Fix it.", name) for name in "ab"}


def summary(*results, total=9, enabled=9):
    statistics = JobStatistics(total, enabled, 0, [])
    return summary_of(PageReport(results, NOW, 0.0, slow_checked_at=NOW), statistics)


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
    assert made.problems == [result for result in results if result not in (OK, PAUSE)]
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

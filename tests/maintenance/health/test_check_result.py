"""The level of a report is the worst of its results; its document has the names that others rely on."""

from datetime import UTC, datetime

import pytest
from django.utils.translation import gettext_lazy

from maintenance.core.states import Level
from maintenance.health.check_result import CheckResult, HealthReport

NOW = datetime(2026, 6, 1, 4, 30, 0, 5, tzinfo=UTC)
OK, WARNING = CheckResult.ok("a", "A."), CheckResult.warning("b", "B.", "Do b.", "scratch", 7)
ERROR = CheckResult.error("c", "C.", gettext_lazy("Do c."))


@pytest.mark.parametrize(
    ("results", "level", "is_healthy"),
    [
        ([], Level.WELL, True),
        ([OK], Level.WELL, True),
        ([WARNING, OK], Level.WARNING, True),
        ([OK, ERROR, WARNING], Level.WRONG, False),
    ],
)
def test_a_report_is_as_bad_as_its_worst_result(results, level, is_healthy):
    report = HealthReport(results, NOW, 0)

    assert (report.level, report.is_healthy) == (level, is_healthy)


def test_a_report_is_a_document():
    assert HealthReport([WARNING, ERROR], NOW, 0.123456).as_json() == {
        "status": "wrong",
        "examined_at": "2026-06-01T04:30:00+00:00",
        "seconds": 0.123,
        "verdicts": [
            {"code": "b", "level": "warning", "sentence": "B.", "remedy": "Do b.", "job": "scratch", "run": 7},
            {"code": "c", "level": "wrong", "sentence": "C.", "remedy": "Do c.", "job": "", "run": None},
        ],
    }

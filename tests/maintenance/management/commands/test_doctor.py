"""`manage.py doctor`: a line for each result, and a status that a script can use."""

import json
from datetime import UTC, datetime

import pytest

from maintenance.health.check_result import CheckResult, HealthReport
from maintenance.management.commands import doctor
from tests.maintenance.cli.terminal import Terminal

OK = CheckResult.ok("queue", "No task is queued.")
WARNING = CheckResult.warning("paused", "All jobs are paused.", "Resume them.")
ERROR = CheckResult.error("no-cluster", "No cluster is running.", "Start it.")


@pytest.fixture
def report(monkeypatch):
    """Let the doctor find some results."""

    def of(*results):
        made = HealthReport(results, datetime(2026, 6, 1, tzinfo=UTC), 0.5)
        monkeypatch.setattr(doctor, "check", lambda: made)

    return of


@pytest.mark.parametrize(
    ("results", "status"), [([OK], 0), ([OK, WARNING], 0), ([OK, WARNING, ERROR], 1), ([ERROR], 1)]
)
def test_only_an_error_fails(run, report, results, status):
    report(*results)

    assert len(run("doctor", status=status)[0].splitlines()) == len(results)
    assert len(json.loads(run("doctor", "--json", status=status)[0])["verdicts"]) == len(results)


def test_a_line_has_level_finding_and_action(run, report):
    report(OK, WARNING, ERROR)

    assert run("doctor", status=1)[0].splitlines() == [
        "OK       No task is queued.",
        "Warning  All jobs are paused. Resume them.",
        "Error    No cluster is running. Start it.",
    ]


def test_a_long_line_hangs_below_its_sentence(run, report, monkeypatch):
    report(WARNING)
    monkeypatch.setenv("COLUMNS", "30")

    assert run("doctor", out=Terminal())[0].splitlines() == ["Warning  All jobs are paused.", "         Resume them."]

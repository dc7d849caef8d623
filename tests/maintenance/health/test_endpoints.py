"""The addresses for machines: status, form, and what they tell to whom."""

from datetime import UTC, datetime

import pytest
from django.db import OperationalError

from maintenance.health import doctor, endpoints, metrics
from maintenance.health.check_result import CheckResult, HealthReport

NOW = datetime(2026, 6, 1, tzinfo=UTC)
OK = CheckResult.ok("database", "The database answers.")
WARNING = CheckResult.warning("paused", "All jobs are paused.", "Resume them.")
ERROR = CheckResult.error("database-down", "The database cannot be reached.", "Start it.")
SECRET = "ann@example.org"


@pytest.fixture
def reports(monkeypatch):
    """Let the doctor report some results, from the cache and of the database alone."""

    def report(*results):
        made = HealthReport(results, NOW, 0.1)
        monkeypatch.setattr(doctor, "check_cached", lambda: made)
        monkeypatch.setattr(doctor, "check_database", lambda: made)

    return report


@pytest.mark.parametrize("path", ["/health/ready", "/health/jobs"])
@pytest.mark.parametrize(
    ("results", "status", "level"),
    [([OK], 200, "well"), ([OK, WARNING], 200, "warning"), ([OK, WARNING, ERROR], 503, "wrong"), ([], 200, "well")],
)
def test_only_an_error_makes_a_system_unavailable(client, reports, path, results, status, level):
    reports(*results)

    answer = client.get(path)

    assert (answer.status_code, answer.json()["status"]) == (status, level)
    assert len(answer.json()["verdicts"]) == len(results)


def test_liveness_asks_nobody(client, monkeypatch):
    def fail():
        raise AssertionError

    monkeypatch.setattr(doctor, "check_cached", fail)
    monkeypatch.setattr(doctor, "check_database", fail)

    assert client.get("/health/live").json() == {"status": "well"}


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/health/jobs"])
def test_an_answer_is_for_reading_and_for_no_cache(client, reports, path):
    reports(OK)

    assert client.post(path).status_code == 405
    assert client.head(path).status_code == 200
    assert "no-store" in client.get(path).headers["Cache-Control"]


@pytest.fixture
def metrics_of(client, settings, reports):
    settings.METRICS_TOKEN = "a token"
    reports(OK)
    return lambda **headers: client.get("/metrics", headers=headers)


def test_without_the_setting_the_address_does_not_exist(metrics_of, settings):
    settings.METRICS_TOKEN = ""

    assert metrics_of(Authorization="Bearer ").status_code == 404


@pytest.mark.parametrize("header", ["", "a token", "Bearer", "Bearer a token ", "bearer a token", "Bearer \u00e4"])
def test_a_wrong_token_is_refused(metrics_of, monkeypatch, header):
    monkeypatch.setattr(metrics, "render", lambda: pytest.fail("nothing may be read"))

    answer = metrics_of(Authorization=header)

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_the_token_opens_the_metrics(metrics_of, monkeypatch):
    monkeypatch.setattr(metrics, "render", lambda: b"figures 1\n")

    answer = metrics_of(Authorization="Bearer a token")

    assert (answer.status_code, answer.content) == (200, b"figures 1\n")
    assert answer.headers["Content-Type"] == metrics.CONTENT_TYPE


def test_a_database_that_is_down_is_told_in_its_sentence(metrics_of, reports):
    reports(ERROR)

    answer = metrics_of(Authorization="Bearer a token")

    assert (answer.status_code, answer.content.decode()) == (503, "The database cannot be reached.\n")


def test_an_error_while_rendering_is_told_without_its_text(metrics_of, monkeypatch):
    def fail():
        raise OperationalError(SECRET)

    monkeypatch.setattr(metrics, "render", fail)

    answer = metrics_of(Authorization="Bearer a token")

    assert (answer.status_code, answer.content.decode()) == (503, "The database refused (OperationalError).\n")
    assert endpoints.UNHEALTHY == 503

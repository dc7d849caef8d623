"""Each fault has its result, in the command and over HTTP alike, until it is repaired."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from maintenance.engine import preflight
from maintenance.health import doctor, ping, probes
from maintenance.models import JobRun
from maintenance.scheduling import controls
from tests.maintenance.health.contexts import JOB

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("healthy")]


def test_a_healthy_system_has_no_findings(examine):
    assert examine() == ([], 200)
    codes = [verdict.code for verdict in doctor.check().results]
    assert codes == ["database", "settings", "canary-back", "queue", "jobs", "runs", "retention"]


def test_the_command_prints_levels_and_sentences(capsys):
    call_command("doctor")
    controls.pause()
    call_command("doctor")

    out = capsys.readouterr().out
    assert "OK       The database answers, and is migrated." in out
    assert "Warning  All jobs are paused since" in out


def test_a_database_that_is_down(examine, monkeypatch):
    def fail():
        raise OperationalError("ann@example.org")

    with monkeypatch.context() as patch:
        patch.setattr(ping, "select_one", fail)
        patch.setattr(connection, "close", lambda: None)  # the test's own transaction
        assert examine() == (["database-down"], 503)
        assert "ann@" not in str(doctor.check().as_json())
    assert examine() == ([], 200)


def test_a_database_that_does_not_answer(examine, monkeypatch):
    asked = []
    answer = threading.Event()

    def hang():
        asked.append(1)
        answer.wait(30)

    with monkeypatch.context() as patch:
        patch.setattr(ping, "select_one", hang)
        patch.setattr(ping, "ANSWER_WITHIN", timedelta(seconds=0.1))
        patch.setattr(connection, "close", lambda: None)
        assert examine() == (["database-down"], 503)
        answer.set()
    assert len(asked) == 1
    ping._latest.join()
    assert examine() == ([], 200)


def test_missing_migrations(examine, client, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("maintenance.engine.preflight.MigrationExecutor.migration_plan", lambda *_args: ["one"])
        assert examine() == (["not-migrated"], 503)
        assert client.get("/health/ready").status_code == 503
        [verdict] = doctor.check().results
        assert verdict.remedy == "Run `manage.py migrate`."
    assert examine() == ([], 200)


def test_a_database_of_a_later_version_is_an_error_and_requests_are_served(examine, client):
    MigrationRecorder(connection).record_applied("maintenance", "9999_later")

    assert examine() == (["database-newer"], 503)
    assert client.get("/health/ready").status_code == 200
    MigrationRecorder(connection).record_unapplied("maintenance", "9999_later")
    assert examine() == ([], 200)


def test_a_cache_of_one_process(examine, settings):
    caches = settings.CACHES
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    assert examine() == (["setting-wrong"], 503)

    settings.CACHES = caches
    assert examine() == ([], 200)


def test_a_wrong_clock(examine, monkeypatch):
    monkeypatch.setattr("maintenance.core.clock.timezone.now", lambda: datetime(2020, 1, 1, tzinfo=UTC))
    codes, status = examine()
    assert "clock-skew" in codes
    assert status == 503


def test_a_database_that_cannot_be_written(examine, monkeypatch):
    monkeypatch.setattr(preflight, "is_read_only", lambda: True)
    assert examine() == (["read-only"], 503)


def test_a_pool_that_keeps_no_session(examine, monkeypatch):
    monkeypatch.setattr(preflight, "is_session_kept", lambda: False)
    assert examine() == (["session-lost"], 503)


def test_a_failing_check_is_a_result_and_the_others_run(examine, monkeypatch):
    def fail(_context):
        raise OperationalError("ann@example.org")

    monkeypatch.setitem(probes.ALL, "the queue", fail)
    controls.pause()

    assert examine() == (["not-examined", "paused"], 503)
    assert "ann@" not in str(doctor.check().as_json())


@pytest.mark.postgresql  # SQLite has no limit for a statement
def test_a_slow_statement_is_cancelled(examine, monkeypatch):
    def sleep(_context):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(60)")
        return []

    monkeypatch.setattr(doctor, "STATEMENT_LIMIT", timedelta(seconds=0.1))
    monkeypatch.setitem(probes.ALL, "the queue", sleep)

    assert examine() == (["not-examined"], 503)


def test_a_report_takes_few_queries(django_assert_max_num_queries, tokens):
    for _ in range(20):
        JobRun.objects.create(job=JOB, trigger="schedule", status="skipped")

    with django_assert_max_num_queries(90):
        doctor.check()

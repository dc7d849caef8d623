"""Each fault has its result, in the command and over HTTP alike, until it is repaired."""

import ast
import json
import threading
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from dateutil.relativedelta import relativedelta
from django.core.cache import cache
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ, Schedule

from maintenance.core import registry
from maintenance.engine import lease, preflight
from maintenance.engine.runner import run_now
from maintenance.health import canary, doctor, ping, probes
from maintenance.models import Canary, ClusterHeartbeat, JobRun
from maintenance.scheduling import controls, schedules, validity
from tests.factories import AuditLogFactory, DeletionRequestFactory

pytestmark = pytest.mark.django_db

JOB = "cleanup-push-tokens"
MOMENT = timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def cluster():
    """A cluster is up, and its canary returned."""
    schedules.synchronise()
    canary.keep()
    OrmQ.objects.all().delete()
    canary.come_back(1)


@pytest.fixture
def examine(client, monkeypatch):
    """Run command and request, which must agree; return the codes of warnings and errors, and the HTTP status."""

    def examine():
        monkeypatch.setattr(doctor, "_cache", doctor._Cache())
        out, status = StringIO(), 0
        try:
            call_command("doctor", "--json", stdout=out)
        except SystemExit as ended:
            status = ended.code
        report = json.loads(out.getvalue())
        response = client.get("/health/jobs")
        assert [verdict["code"] for verdict in response.json()["verdicts"]] == [v["code"] for v in report["verdicts"]]
        assert response.status_code == {0: 200, 1: 503}[status]
        for verdict in report["verdicts"]:
            assert verdict["sentence"].endswith("."), verdict
            assert verdict["remedy"] or verdict["level"] == "well", verdict
        return [verdict["code"] for verdict in report["verdicts"] if verdict["level"] != "well"], response.status_code

    return examine


def start_run(job=JOB, **fields):
    run = JobRun.objects.create(
        **{"job": job, "trigger": "schedule", "status": "running", "started_at": Now(), **fields}
    )
    JobRun.objects.filter(pk=run.pk).update(heartbeat_at=Now())
    return run


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


def test_a_cache_of_one_process(examine, settings):
    caches = settings.CACHES
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    assert examine() == (["setting-wrong"], 503)

    settings.CACHES = caches
    assert examine() == ([], 200)


def test_an_invalid_age_limit(examine, settings):
    settings.PUSH_TOKEN_RETENTION_DAYS = 0
    assert examine() == (["setting-wrong"], 503)


def test_a_wrong_clock(examine, monkeypatch):
    monkeypatch.setattr("maintenance.core.clock.timezone.now", lambda: datetime(2020, 1, 1, tzinfo=UTC))
    codes, status = examine()
    assert "clock-skew" in codes
    assert status == 503


def test_a_cluster_that_is_down(examine):
    ClusterHeartbeat.objects.update(seen_at=F("seen_at") - timedelta(minutes=1))
    assert examine() == (["no-cluster"], 503)

    canary.keep()
    assert examine() == ([], 200)


def test_a_cluster_that_never_started(examine):
    ClusterHeartbeat.objects.all().delete()
    Canary.objects.all().delete()

    assert examine() == (["no-cluster"], 503)


def silence(minutes=3):
    """The last canary returned long ago, and the next one has not."""
    step = timedelta(minutes=minutes)
    Canary.objects.update(number=F("number") + 1, sent_at=Now() - step, echoed_at=Now() - step - step)


def test_a_stuck_queue(examine):
    silence()
    for number in range(Conf.WORKERS - 1):
        start_run(f"busy-{number}")
    assert examine() == (["queue-stuck"], 503)

    canary.come_back(Canary.objects.get().number)
    assert examine() == ([], 200)


def test_busy_workers(examine):
    silence()
    for number in range(Conf.WORKERS):
        start_run(f"busy-{number}")
    assert examine() == (["workers-busy"], 200)

    JobRun.objects.filter(job="busy-0").update(status="succeeded", finished_at=Now())
    assert examine() == (["queue-stuck"], 503)


def test_runs_of_the_command_line_keep_no_worker_busy(examine):
    silence()
    for number in range(Conf.WORKERS):
        start_run(f"busy-{number}", trigger="command")

    assert examine() == (["queue-stuck"], 503)


def test_a_free_worker_on_another_machine_is_counted(examine):
    silence()
    ClusterHeartbeat.objects.create(host="other", workers=3, seen_at=timezone.now())
    for number in range(Conf.WORKERS):
        start_run(f"busy-{number}")

    assert examine() == (["queue-stuck"], 503)


def test_a_cluster_that_has_just_started(examine):
    Canary.objects.update(echoed_at=Now() - timedelta(days=1), sent_at=Now(), number=F("number") + 1)

    assert examine() == (["canary-sent"], 200)


def test_a_cleared_cache_changes_nothing(examine):
    cache.clear()

    assert examine() == ([], 200)


def test_a_task_that_no_worker_takes(examine):
    task = OrmQ.objects.create(key=Conf.CLUSTER_NAME, payload="", lock=timezone.now() - timedelta(minutes=1))
    assert examine() == ([], 200)
    OrmQ.objects.filter(pk=task.pk).update(lock=timezone.now() - timedelta(minutes=3))
    assert examine() == (["task-waits"], 503)
    for number in range(Conf.WORKERS):
        start_run(f"busy-{number}")
    assert examine() == (["task-waits"], 200)

    task.delete()
    assert examine() == ([], 200)


@pytest.mark.parametrize(
    "damage",
    [{"cron": ""}, {"cron": "0 0 31 2 *"}, {"args": "os.system"}, {"next_run": None}, {"schedule_type": "Z"}],
    ids=str,
)
def test_a_broken_schedule(examine, damage):
    schedules.ours().filter(name=JOB).update(**damage)
    assert examine() == (["schedule-broken"], 503)
    validity.quarantine_invalid()
    assert examine() == (["schedule-broken"], 503)

    schedules.synchronise()
    assert examine() == ([], 200)


def test_a_missing_schedule(examine):
    schedules.ours().filter(name=JOB).delete()
    assert examine() == (["schedule-broken"], 503)
    [verdict] = [verdict for verdict in doctor.check().results if verdict.level != "well"]
    assert verdict.sentence == f"The schedule of {JOB} is broken (it has no schedule)."
    assert verdict.remedy == "`manage.py sync_schedules` corrects it."

    call_command("sync_schedules", stdout=StringIO())
    assert examine() == ([], 200)


def test_a_broken_foreign_schedule(examine):
    row = Schedule.objects.create(name="theirs", func="builtins.len", args="('x',)", schedule_type=Schedule.HOURLY)
    assert examine() == ([], 200)
    Schedule.objects.filter(pk=row.pk).update(args="ann@example.org")
    assert examine() == (["schedule-broken"], 503)
    assert "ann@" not in str(doctor.check().as_json())


def test_a_schedule_that_does_not_fire(examine):
    schedules.ours().filter(name=JOB).update(next_run=Now() - timedelta(minutes=2))
    assert examine() == (["schedule-overdue"], 503)

    schedules.ours().filter(name=JOB).update(next_run=Now() + timedelta(minutes=2))
    assert examine() == ([], 200)


def test_two_machines_of_one_name(examine):
    ours = ClusterHeartbeat.objects.get()
    ClusterHeartbeat.objects.create(host=ours.host, machine="another", workers=3, seen_at=timezone.now())
    assert examine() == (["host-name-shared"], 200)

    ClusterHeartbeat.objects.filter(machine="another").update(host="another")
    assert examine() == ([], 200)


def test_a_database_that_cannot_be_written(examine, monkeypatch):
    monkeypatch.setattr(preflight, "is_read_only", lambda: True)
    assert examine() == (["read-only"], 503)


def test_a_pool_that_keeps_no_session(examine, monkeypatch):
    monkeypatch.setattr(preflight, "is_session_kept", lambda: False)
    assert examine() == (["session-lost"], 503)


def test_a_disabled_job_is_no_finding(examine):
    controls.disable(JOB)

    assert examine() == ([], 200)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"progressed_at": Now() - timedelta(days=3)}, "has made no progress for 72 h"),
        ({"started_at": Now() - timedelta(days=3)}, "has been running for 72 h 0 min; its time budget is 1 h"),
    ],
    ids=["no progress", "past its time budget"],
)
def test_a_run_that_holds_its_lease_and_does_nothing(examine, fields, sentence):
    run = start_run()
    assert examine() == ([], 200)

    JobRun.objects.filter(pk=run.pk).update(**fields)

    assert examine() == (["run-hangs"], 503)
    [finding] = [result for result in doctor.check().results if result.code == "run-hangs"]
    assert sentence in finding.sentence


def test_a_run_without_heartbeat(examine):
    run = start_run()
    assert examine() == ([], 200)
    JobRun.objects.filter(pk=run.pk).update(heartbeat_at=Now() - 2 * lease.lease_time())
    assert examine() == (["run-stale"], 503)

    lease.declare_crashed(JobRun.objects.all())
    assert examine() == (["job-failed"], 503)
    run_now(JOB)
    assert examine() == ([], 200)


def test_a_request_that_no_worker_takes(examine):
    run = JobRun.objects.create(job=JOB, trigger="admin", task_id="1", queued_at=timezone.now() - timedelta(minutes=20))
    assert examine() == (["run-waits"], 503)

    run.delete()
    assert examine() == ([], 200)


@pytest.mark.parametrize("status", ["failed", "partial", "crashed"])
def test_a_failed_last_run(examine, status):
    now = timezone.now()
    JobRun.objects.create(job=JOB, trigger="schedule", status=status, started_at=now, finished_at=now)
    assert examine() == (["job-failed"], 503)

    run_now(JOB)
    assert examine() == ([], 200)


def test_a_job_that_raises(examine, monkeypatch, tokens):
    def fail(_self, _batch):
        raise RuntimeError

    tokens(2)
    with monkeypatch.context() as patch:
        patch.setattr(type(registry.get(JOB)), "process", fail)
        run_now(JOB)
        assert examine() == (["job-failed"], 503)
    run_now(JOB)
    assert examine() == ([], 200)


def test_a_job_that_cannot_be_loaded(examine, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setitem(registry._broken, "gone", "ModuleNotFoundError")
        assert examine() == (["job-broken"], 503)
    assert examine() == ([], 200)


def test_overdue_data(examine, tokens):
    tokens(1)
    assert examine() == (["retention-overdue"], 503)
    start_run(trigger="command")
    assert examine() == ([], 200)

    JobRun.objects.all().delete()
    run_now(JOB)
    assert examine() == ([], 200)


@pytest.mark.parametrize(("age", "codes"), [(timedelta(hours=20), []), (timedelta(hours=50), ["retention-overdue"])])
def test_a_job_has_one_day_of_grace(examine, tokens, age, codes):
    [token] = tokens(1)
    token.last_used_at = timezone.now() - timedelta(days=90) - age
    token.save()

    assert examine()[0] == codes


@pytest.mark.parametrize(("age", "is_told"), [(MOMENT, True), (timedelta(0), False)])
def test_a_weekly_job_has_one_day_of_grace(age, is_told):
    row = schedules.ours().get(name="delete-audit-logs")
    slot = row.next_run - timedelta(days=7)
    if timezone.now() - slot < timedelta(days=1):
        slot -= timedelta(days=7)
    AuditLogFactory(created_at=slot - relativedelta(years=3) - age)

    told = [verdict.job for verdict in doctor.check().results if verdict.code == "retention-overdue"]

    assert ("delete-audit-logs" in told) == is_told


def test_an_overdue_deletion(examine):
    DeletionRequestFactory(scheduled_for=timezone.now() - timedelta(days=3))
    assert examine() == (["retention-overdue"], 503)

    run_now("finalize-deletions")
    assert examine() == ([], 200)


def test_a_pause(examine):
    controls.pause(reason="Ann asked for it")
    assert examine() == (["paused"], 200)
    assert "Ann" not in str(doctor.check().as_json())

    controls.resume()
    assert examine() == ([], 200)


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


def test_liveness_needs_no_database(client, monkeypatch):
    monkeypatch.setattr(doctor, "check_database", pytest.fail)
    with monkeypatch.context() as patch:
        patch.setattr("django.db.backends.base.base.BaseDatabaseWrapper.cursor", pytest.fail)
        assert client.get("/health/live").json() == {"status": "well"}


def test_readiness_is_of_the_database_alone(client):
    ClusterHeartbeat.objects.all().delete()

    assert client.get("/health/ready").status_code == 200


@pytest.mark.parametrize("path", ["live", "ready", "jobs"])
def test_health_is_get_only_and_not_cached(client, path):
    assert client.post(f"/health/{path}").status_code == 405
    assert "no-store" in client.get(f"/health/{path}")["Cache-Control"]


def test_a_report_takes_few_queries(django_assert_max_num_queries, tokens):
    for _ in range(20):
        JobRun.objects.create(job=JOB, trigger="schedule", status="skipped")

    with django_assert_max_num_queries(90):
        doctor.check()


READ_SIDE = sorted(
    path
    for folder in ("health", "reporting", "pages", "templatetags")
    for path in (Path(doctor.__file__).parents[1] / folder).glob("*.py")
    if path.name not in {"__init__.py", "actions.py", "schedule.py", "canary.py"}
)


@pytest.mark.parametrize("path", READ_SIDE, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_read_side_never_starts_a_run(path):
    froms = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
    imported = {part for node in froms for name in node.names for part in f"{node.module}.{name.name}".split(".")}

    assert not imported & {"runner", "executor", "controls", "run_requests", "async_task"}

"""Each fault that the doctor knows, made for real: it is told once, and so is its end."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.core.checks import Error
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.functions import Now
from django.test import override_settings
from django_q.conf import Conf
from django_q.models import OrmQ

from bazaar.models import PushToken
from maintenance.alert_models import AlertDelivery, AlertStatus, Trouble
from maintenance.alerts import comparison
from maintenance.core import registry
from maintenance.core.errors import NotReady
from maintenance.health import canary, probes, snapshot
from maintenance.models import Canary, JobRun
from maintenance.scheduling import schedules
from tests.factories import PushTokenFactory
from tests.maintenance.alerts.test_comparison import error_codes
from tests.moved_clock import moved_clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("uploads")]

START = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)
"""No job is due for a quarter of an hour."""
MINUTE = timedelta(minutes=1)
JOB = "cleanup-push-tokens"
NO_ERRORS = {
    *("alert-not-sent", "canary-back", "canary-sent", "host-name-shared", "job-finding", "job-out-of-time"),
    *("paused", "paused-until", "workers-busy"),
}
"""Codes of warnings, and of what is well."""
TOLD_BY_OTHERS = {"database-down", "no-cluster", "not-migrated"}
"""With these no cluster can compare: another program tells them (docs/alerts.md)."""


class World:
    """A healthy system, and what a fault does to it."""

    def __init__(self, clock, monkeypatch):
        self.clock, self.monkeypatch = clock, monkeypatch
        self.canary_returns = True

    def told(self, minutes):
        """Let a cluster examine the system each minute; return the kinds of messages that it writes."""
        before = set(AlertDelivery.objects.values_list("pk", flat=True))
        for _ in range(minutes):
            canary.keep()
            OrmQ.objects.filter(pk=Canary.objects.get().queue_row).delete()
            if self.canary_returns:
                canary.come_back(Canary.objects.get().number)
            snapshot.keep()
            comparison.keep()
            AlertDelivery.objects.filter(status=AlertStatus.QUEUED).update(status=AlertStatus.SENT)
            self.clock.move(MINUTE)
        return [row.kind for row in AlertDelivery.objects.exclude(pk__in=before).order_by("pk")]


@pytest.fixture
def world(monkeypatch, settings):
    settings.ALERT_URLS = ["json://one.example.org"]
    with moved_clock(START) as clock:
        schedules.ours().delete()
        schedules.synchronise()
        yield World(clock, monkeypatch)


def patched(place, value):
    @contextmanager
    def fault(world):
        with world.monkeypatch.context() as patch:
            patch.setattr(place, value)
            yield

    return fault


def with_setting(name, value):
    @contextmanager
    def fault(_world):
        with override_settings(**{name: value}):
            yield

    return fault


def with_run(**fields):
    @contextmanager
    def fault(_world):
        run = JobRun.objects.create(job=JOB, trigger="schedule", queued_at=START - timedelta(hours=3))
        JobRun.objects.filter(pk=run.pk).update(**fields)
        yield
        run.delete()

    return fault


def with_schedule(**fields):
    @contextmanager
    def fault(_world):
        schedules.ours().filter(name=JOB).update(**fields)
        yield
        schedules.ours().filter(name=JOB).delete()
        schedules.synchronise()

    return fault


@contextmanager
def later_version(_world):
    name = ("maintenance", "9999_later")
    MigrationRecorder(connection).record_applied(*name)
    yield
    MigrationRecorder(connection).record_unapplied(*name)


@contextmanager
def silent_queue(world):
    world.canary_returns = False
    yield
    world.canary_returns = True


@contextmanager
def task_that_waits(_world):
    task = OrmQ.objects.create(key=Conf.CLUSTER_NAME, payload="", lock=START - timedelta(minutes=9))
    yield
    task.delete()


@contextmanager
def broken_module(world):
    with world.monkeypatch.context() as patch:
        patch.setitem(registry._broken, "gone", "ModuleNotFoundError")
        yield


@contextmanager
def failing_probe(world):
    def fail(_context):
        raise OSError

    with world.monkeypatch.context() as patch:
        patch.setitem(probes.ALL, "the queue", fail)
        yield


@contextmanager
def overdue_rows(_world):
    PushTokenFactory(last_used_at=START - timedelta(days=120))
    yield
    PushToken.objects.all().delete()


@contextmanager
def refusing_job(world):
    with world.monkeypatch.context() as patch:
        patch.setattr(type(registry.get(JOB)), "findings", lambda _job: [Error("It cannot.", id="x.E001")])
        yield


def skewed():
    raise NotReady("This machine's clock is 9 minutes ahead of the database's: correct the clocks.")


LONG_AGO = START - timedelta(hours=2)
ALIVE = START + timedelta(days=1)
RUNNING = {"status": "running", "started_at": START}
FAULTS = [
    ("clock-skew", patched("maintenance.health.probes.refuse_skew", skewed)),
    ("database-newer", later_version),
    ("job-broken", broken_module),
    ("job-failed", with_run(status="failed", started_at=LONG_AGO, finished_at=LONG_AGO)),
    ("job-failed", with_run(status="partial", started_at=LONG_AGO, finished_at=LONG_AGO)),
    ("job-failed", with_run(status="crashed", started_at=LONG_AGO, finished_at=LONG_AGO)),
    ("job-refuses", refusing_job),
    ("not-examined", failing_probe),
    ("not-examined-lately", patched("maintenance.health.snapshot.keep", lambda: None)),
    ("queue-stuck", silent_queue),
    ("read-only", patched("maintenance.engine.preflight.is_read_only", lambda: True)),
    ("retention-overdue", overdue_rows),
    ("run-hangs", with_run(**RUNNING, heartbeat_at=ALIVE, progressed_at=LONG_AGO)),
    ("run-stale", with_run(**RUNNING, heartbeat_at=LONG_AGO)),
    ("run-waits", with_run(status="queued", task_id="1")),
    ("schedule-broken", with_schedule(cron="")),
    ("schedule-overdue", with_schedule(next_run=Now() - timedelta(minutes=3))),
    ("session-lost", patched("maintenance.engine.preflight.is_session_kept", lambda: False)),
    ("setting-wrong", with_setting("PUSH_TOKEN_RETENTION_DAYS", 0)),
    ("setting-wrong", with_setting("DELETION_GRACE_DAYS", 0)),  # a check of the site
    ("task-waits", task_that_waits),
]


def test_each_error_of_the_doctor_has_its_fault():
    assert {code for code, _ in FAULTS} == set(error_codes()) - NO_ERRORS - TOLD_BY_OTHERS


@pytest.mark.parametrize(("code", "fault"), FAULTS, ids=[f"{code}-{number}" for number, (code, _) in enumerate(FAULTS)])
def test_a_fault_is_told_once_and_so_is_its_end(world, code, fault):
    assert world.told(1) == []

    with fault(world):
        assert world.told(8) == ["trouble"]
        assert [trouble.code for trouble in Trouble.objects.all()] == [code]
        assert AlertDelivery.objects.get().title.endswith(": 1 error")

    assert world.told(4) == ["recovery"]
    assert not Trouble.objects.exists()

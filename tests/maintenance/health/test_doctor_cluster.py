"""What the doctor tells of clusters, the queue and schedules."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ, Schedule

from maintenance.health import canary, doctor
from maintenance.models import Canary, ClusterHeartbeat, JobRun
from maintenance.scheduling import schedules, validity
from tests.maintenance.health.contexts import JOB, start_run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("healthy")]


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
    assert verdict.remedy == "Save it again (`manage.py sync_schedules`)."

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


def test_readiness_is_of_the_database_alone(client):
    ClusterHeartbeat.objects.all().delete()

    assert client.get("/health/ready").status_code == 200

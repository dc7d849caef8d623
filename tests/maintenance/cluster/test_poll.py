"""One statement finds whatever a cluster acts on."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ, Schedule

from maintenance.cluster import poll
from maintenance.cluster.poll import Work
from maintenance.models import JobRun
from maintenance.scheduling import schedules

pytestmark = pytest.mark.django_db

PAST, FUTURE = timedelta(seconds=-1), timedelta(hours=1)


def run(status):
    return JobRun.objects.create(job="cleanup-push-tokens", trigger="command", status=status)


def test_an_idle_cluster_finds_nothing(django_assert_num_queries):
    assert schedules.ours().filter(next_run__gt=timezone.now()).exists()

    with django_assert_num_queries(1):
        work = poll.look()

    assert work == Work()
    assert not work.has_task
    assert not work.is_any


@pytest.mark.parametrize(("after", "is_due"), [(PAST, True), (FUTURE, False)])
def test_a_schedule_is_due_when_its_time_has_come(after, is_due):
    row = schedules.ours().first()
    schedules.ours().filter(pk=row.pk).update(next_run=timezone.now() + after)

    assert poll.look().is_schedule_due is is_due
    assert poll.look().is_any is is_due


@pytest.mark.parametrize("fields", [{"repeats": 0}, {"next_run": None}, {"cluster": "other"}])
def test_a_schedule_that_never_fires_here_is_not_due(fields):
    values = {"func": "builtins.len", "next_run": timezone.now() + PAST, "repeats": -1}
    row = Schedule(**values)
    Schedule.objects.bulk_create([row])
    assert poll.look().is_schedule_due

    Schedule.objects.filter(pk=row.pk).update(**fields)

    assert not poll.look().is_schedule_due


@pytest.mark.parametrize("status", JobRun.Status)
def test_a_run_is_found_and_whether_it_has_ended(status):
    made = run(status)

    assert poll.look() == Work(has_unfinished_run=status in {"queued", "running"}, last_run=made.pk)


@pytest.mark.parametrize(
    ("key", "after", "is_waiting"), [("", PAST, True), ("", FUTURE, False), ("other", PAST, False)]
)
def test_a_task_waits_until_a_process_takes_it(key, after, is_waiting):
    OrmQ.objects.create(key=key or Conf.CLUSTER_NAME, payload="", lock=timezone.now() + after)

    work = poll.look()

    assert work.has_task is is_waiting
    assert work == Work(), "no reason for a pass: another process takes it"


def test_a_migration_changes_what_is_found_and_is_no_reason_for_a_pass():
    before = poll.look()
    recorder = MigrationRecorder(connection)
    recorder.record_applied("maintenance", "9999_later")
    after = poll.look()
    recorder.record_unapplied("maintenance", "9999_later")

    assert after.last_migration != before.last_migration
    assert after == before
    assert poll.look().last_migration == before.last_migration is not None

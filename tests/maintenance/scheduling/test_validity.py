"""Rows that would stop the scheduler are quarantined, and the others fire."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.models import OrmQ, Schedule
from django_q.scheduler import scheduler

from maintenance.reporting import status
from maintenance.scheduling import controls, schedules, validity
from tests.cluster.broken_rows import FOREIGN, OWN, break_row, make_foreign
from tests.maintenance.scheduling.rows import JOB, row_of

pytestmark = pytest.mark.django_db


def fired():
    return sorted(task.group() for task in OrmQ.objects.all())


@pytest.mark.django_db(transaction=True)
def test_enabling_and_changing_the_time_fires_nothing_at_once():
    past = timezone.now() - timedelta(days=3)
    controls.disable(JOB)
    Schedule.objects.filter(name=JOB).update(next_run=past)
    controls.enable(JOB)
    Schedule.objects.filter(name="cleanup-invitations").update(next_run=past)
    controls.set_cron("cleanup-invitations", "15 4 * * *")

    validity.fire_due()

    assert fired() == []
    assert row_of("cleanup-invitations").next_run.minute == 15
    for name in (JOB, "cleanup-invitations"):
        assert row_of(name).next_run == status.get_job_status(name).next_run > timezone.now()


@pytest.mark.django_db(transaction=True)
def test_a_disabled_row_that_is_set_back_by_hand_fires_nothing():
    controls.disable(JOB)
    Schedule.objects.filter(name=JOB).update(repeats=-1)

    validity.fire_due()

    assert fired() == []
    assert not status.get_job_status(JOB).enabled


@pytest.mark.django_db(transaction=True)
def test_what_is_due_is_handed_to_the_queue_with_its_time():
    slot = timezone.now() - timedelta(minutes=1)
    Schedule.objects.filter(name=JOB).update(next_run=slot)

    validity.fire_due()
    validity.fire_due()

    task = OrmQ.objects.get().task
    assert (task["func"], task["args"], task["kwargs"]) == (schedules.FUNCTION, (JOB,), {"slot": slot.isoformat()})
    assert row_of().task == task["id"]
    assert row_of().next_run > timezone.now()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fields", FOREIGN.values(), ids=FOREIGN.keys())
def test_a_foreign_row_that_cannot_be_read_is_quarantined(fields, caplog):
    broken, good = make_foreign(**fields), make_foreign()
    break_row(good, name="good")
    Schedule.objects.filter(name=JOB).update(next_run=timezone.now() - timedelta(minutes=1))
    scheduler(broker=get_broker())
    assert fired() == [], "the hazard is none any more"
    caplog.clear()

    validity.fire_due()

    assert fired() == sorted([JOB, "good"])
    before = {name: value for name, value in vars(broken).items() if name != "_state"}
    broken.refresh_from_db()
    assert {name: value for name, value in vars(broken).items() if name != "_state"} == before | {"next_run": None}
    errors = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert len(errors) == 1
    assert f"Schedule {broken.pk} is quarantined" in errors[0]
    assert all(job.problem == "" for job in status.get_status().jobs)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fields", OWN.values(), ids=OWN.keys())
def test_a_row_of_ours_that_cannot_be_read_is_quarantined(fields, caplog):
    Schedule.objects.filter(name__in=[JOB, "cleanup-invitations"]).update(next_run=timezone.now())
    break_row(row_of(), **fields)

    validity.fire_due()

    assert fired() == ["cleanup-invitations"]
    assert row_of().next_run is None
    assert f"Schedule {row_of().pk} is quarantined" in caplog.text
    job = status.get_job_status(JOB)
    assert job.problem.startswith("Its schedule is broken: ")
    assert "sync_schedules" in job.problem
    schedules.synchronise()
    assert not validity.quarantine_invalid()


@pytest.mark.django_db(transaction=True)
def test_a_row_of_another_cluster_is_ignored():
    other = make_foreign(cluster="another", args="('a',")

    assert not validity.quarantine_invalid()

    other.refresh_from_db()
    assert other.next_run is not None

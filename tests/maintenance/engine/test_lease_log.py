"""A crashed run has one record of its end in the log."""

import logging

import pytest
from django.db.models.functions import Now

from maintenance.engine import lease
from maintenance.models import JobRun
from maintenance.scheduling import recovery

pytestmark = pytest.mark.django_db


@pytest.fixture
def lost():
    run = JobRun.objects.create(job="cleanup-run-history", trigger="schedule", status="running", started_at=Now())
    JobRun.objects.filter(pk=run.pk).update(heartbeat_at=Now() - 2 * lease.lease_time())
    return run


def ends_of(run, caplog):
    return [r for r in caplog.records if getattr(r, "event", "") == "run_ended" and r.run_id == run.pk]


@pytest.mark.parametrize(
    "find", [recovery.reap, lambda: lease.declare_crashed(JobRun.objects.all())], ids=["recovery", "next run"]
)
def test_the_end_of_a_crashed_run_is_logged_once(lost, caplog, find):
    assert ends_of(lost, caplog) == []

    find()
    find()

    [record] = ends_of(lost, caplog)
    assert (record.levelno, record.status, record.job) == (logging.ERROR, "crashed", lost.job)
    assert "Last heartbeat" in record.getMessage()


def test_the_lost_run_itself_does_not_log_its_end_again(lost):
    lease.declare_crashed(JobRun.objects.all())

    assert not lease.finish(lost, JobRun.Status.SUCCEEDED, {})
    assert lost.status == "crashed"

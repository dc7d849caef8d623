"""Rows that cannot be read, and times that pass while nothing is up."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.utils import timezone

from maintenance.core import registry
from maintenance.models import JobRun
from maintenance.reporting import status
from maintenance.scheduling import schedules
from tests.cluster.broken_rows import FOREIGN, OWN, break_row, make_foreign

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]

Status, Trigger = JobRun.Status, JobRun.Trigger


def test_broken_rows_of_every_kind_keep_no_other_from_firing(cluster, until):
    good, *rest = [job.name for job in registry.all_jobs()]
    rows = schedules.ours().filter(name__in=rest).order_by("pk")
    now = timezone.now()
    for row, fields in zip(rows, OWN.values(), strict=False):
        break_row(row, **fields)
    foreign = [make_foreign(**fields) for fields in FOREIGN.values()]
    schedules.ours().update(next_run=now)

    one = cluster()
    until(lambda: JobRun.objects.filter(job=good, slot=now, status=Status.SUCCEEDED).exists())

    for row in foreign:
        row.refresh_from_db()
        assert row.next_run is None
    assert {job.name for job in status.get_status().jobs if job.problem} == {*rest[: len(OWN)]}
    assert one.log().count("is quarantined") == len(FOREIGN) + min(len(rest), len(OWN))
    one.stop()


def test_down_time_is_told_and_made_good_once_a_job_one_at_a_time(cluster, due, until, long_form):
    jobs = [job.name for job in registry.all_jobs() if "/" not in job.schedule]  # daily and weekly ones
    names = jobs[: None if long_form else 3]
    due(*names, at=timezone.now() - timedelta(days=30))

    one = cluster()
    until(lambda: JobRun.objects.filter(trigger=Trigger.RECOVERY, finished_at__isnull=False).count() == len(names), 60)

    missed = JobRun.objects.filter(status=Status.MISSED).order_by("pk")
    assert [run.job for run in missed] == names
    assert all(run.details["missed"] in {5, 6, 31} for run in missed), [run.details for run in missed]
    made_good = list(JobRun.objects.filter(trigger=Trigger.RECOVERY).order_by("started_at"))
    assert [run.job for run in made_good] == names
    assert {run.status for run in made_good} == {Status.SUCCEEDED}
    assert all(run.finished_at <= following.started_at for run, following in pairwise(made_good))
    assert JobRun.objects.count() == 2 * len(names)
    one.stop()
    assert one.errors() == []

"""The lines that a cluster prints at its start and at its end."""

import socket
from datetime import timedelta

import pytest
from django.utils import timezone

from maintenance import __version__
from maintenance.cluster import announcements
from maintenance.core import process_identity, registry
from maintenance.core.states import Status
from maintenance.models import JobRun, JobSetting
from maintenance.scheduling import controls, schedules

pytestmark = pytest.mark.django_db

HERE = f"Cluster {__version__} on {socket.gethostname()}"


def test_the_line_at_the_start_names_the_next_run():
    schedules.synchronise()

    line = announcements.started()

    assert line.startswith(f"{HERE} started with ")
    assert line.endswith(" UTC.")
    assert "Next run: " in line


def test_a_pause_is_told_instead_of_a_next_run():
    controls.pause(reason="upgrade")

    assert announcements.started().endswith("All jobs are paused.")


def test_without_a_schedule_there_is_no_next_run():
    JobSetting.objects.bulk_create(JobSetting(job=job.name, enabled=False) for job in registry.all_jobs())
    schedules.synchronise()

    assert announcements.started().endswith("No job has a next run.")


@pytest.mark.parametrize(
    ("count", "sentence"),
    [
        (None, "The number of stopped runs is unknown."),
        (0, "No runs were stopped."),
        (1, "1 run was stopped."),
        (2, "2 runs were stopped."),
    ],
)
def test_the_line_at_the_end_names_reason_and_number(count, sentence):
    assert announcements.stopped("SIGTERM", count) == f"{HERE} stopped: SIGTERM. {sentence}"


def make_run(status=Status.INTERRUPTED, **fields):
    usual = {"job": f"job-{JobRun.objects.count()}", "trigger": "schedule", "status": status, "pid": 7}
    return JobRun.objects.create(
        **{**usual, "machine": process_identity.machine(), "started_at": timezone.now(), **fields},
    )


def test_stopped_runs_are_those_of_the_processes_since_the_start():
    since = timezone.now()
    for status in (Status.INTERRUPTED, Status.CRASHED, Status.RUNNING):
        make_run(status)
    make_run(Status.SUCCEEDED)
    make_run(pid=8)
    make_run(machine="another boot or container")
    make_run(started_at=since - timedelta(seconds=1))
    make_run(details={"paused": True})

    assert announcements.count_stopped([7], since) == 3
    assert announcements.count_stopped([], since) == 0

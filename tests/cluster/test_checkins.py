"""Check-ins of real clusters and commands: order, crashes, heartbeats, and a monitor that hangs."""

from signal import SIGKILL

import pytest

from maintenance.models import JobRun
from tests.http_sink import HANGS, http_sink

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]

JOB = "cleanup-push-tokens"


@pytest.fixture
def monitor():
    with http_sink() as sink:
        yield sink


def address(sink):
    return sink.url("/{job}/{event}", "http")


def events(sink):
    return [path.rpartition("/")[2] for path in sink.paths if path.startswith(f"/{JOB}/")]


def test_a_command_checks_in_at_its_start_and_its_end(run, backlog, monitor):
    rows = backlog(20)
    ended = run(rows.job.command, CHECKIN_URL=address(monitor))
    assert ended.status == 0, ended
    assert events(monitor) == ["start", "success"]
    assert run(rows.job.command, "--dry-run", CHECKIN_URL=address(monitor)).status == 0
    assert events(monitor) == ["start", "success"]


def test_a_monitor_that_hangs_delays_no_run(run, backlog, monitor):
    rows = backlog(20)
    monitor.way = HANGS
    ended = run(rows.job.command, CHECKIN_URL=address(monitor))
    assert ended.status == 0, ended
    assert not monitor.released.is_set()
    assert events(monitor)[0] == "start"
    rows.assert_finished()


def test_a_cluster_checks_in_for_its_runs_and_for_itself(cluster, backlog, due, until, monitor):
    rows = backlog(20)
    one = cluster(CHECKIN_URL=address(monitor), CHECKIN_HEARTBEAT_URL=monitor.url("/beat", "http"))
    due(rows.job.name)
    until(lambda: events(monitor) == ["start", "success"])
    until(lambda: "/beat" in monitor.paths)
    one.stop()


def test_a_run_whose_process_is_killed_has_failed(cluster, backlog, due, until, until_busy, monitor):
    rows = backlog(5_000)
    one = cluster(CHECKIN_URL=address(monitor), MAINTENANCE_BATCH_PAUSE=0.2, MAINTENANCE_DUTY_CYCLE=0.1)
    due(rows.job.name)
    until_busy(rows.job.name)
    for worker in one.workers:
        worker.send_signal(SIGKILL)
    until(lambda: "fail" in events(monitor))
    assert events(monitor)[:2] == ["start", "fail"]
    assert JobRun.objects.filter(job=JOB, status=JobRun.Status.CRASHED).count() == 1
    one.stop()

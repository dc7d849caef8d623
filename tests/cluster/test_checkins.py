"""Check-ins of real clusters and commands: order, crashes, heartbeats, and a monitor that hangs."""

import socket
from signal import SIGKILL

import pytest

from maintenance.models import JobRun
from tests.http_sink import HANGS, REFUSES, TAKES, http_sink

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]

JOB, OTHER = "cleanup-push-tokens", "cleanup-invitations"
ENDS = {JOB: ["succeeded", "success"], OTHER: ["partial", "fail"]}
"""How two jobs that run at the same time end: the status, and the event."""


@pytest.fixture
def monitor():
    with http_sink() as sink:
        yield sink


def address(sink):
    return sink.url("/{job}/{event}", "http")


def events(sink, job=JOB):
    return [path.rpartition("/")[2] for path in sink.paths if path.startswith(f"/{job}/")]


@pytest.fixture
def run_together(backlog, due, until, trigger):
    """Let two jobs run at the same time, of which one succeeds and one fails in part. Return their counts."""
    rows = {name: backlog(20, name) for name in ENDS}
    broken = f"OLD.id = {rows[OTHER].first().pk}"
    trigger.create(
        rows[OTHER].model, when=broken, postgresql="RAISE EXCEPTION 'no'", sqlite="SELECT RAISE(ABORT, 'no')"
    )

    def run_once():
        before = {*JobRun.objects.values_list("pk", flat=True)}
        due(*ENDS)
        runs = JobRun.objects.exclude(pk__in=before)
        until(lambda: runs.exclude(finished_at=None).count() == len(ENDS))
        assert {run.job: run.status for run in runs} == {job: status for job, (status, _event) in ENDS.items()}
        for job, each in rows.items():
            assert sum(JobRun.objects.filter(job=job).values_list("items_done", flat=True)) == each.gone()
        done = {run.job: run.items_done for run in runs}
        for job in done:
            rows[job].add(rows[job].gone() - rows[job].made + 20)
        return done

    return run_once


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


def test_runs_at_the_same_time_check_in_and_a_monitor_that_fails_or_hangs_changes_nothing(cluster, run_together, until):
    with http_sink() as monitor:

        def told():
            return {job: events(monitor, job) for job in ENDS}

        urls = {"CHECKIN_URL": address(monitor), "CHECKIN_HEARTBEAT_URL": monitor.url("/beat", "http")}
        one = cluster(**urls)
        for number, way in enumerate((TAKES, REFUSES, HANGS), 1):
            monitor.way = way
            assert run_together() == {JOB: 20, OTHER: 19}
            assert not monitor.released.is_set()
            # A call that hangs is given up, so the later events arrive too.
            until(lambda expected=number: told() == {job: ["start", ends[1]] * expected for job, ends in ENDS.items()})
        assert "/beat" in monitor.paths
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", monitor.port))
    assert run_together() == {JOB: 20, OTHER: 19}
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

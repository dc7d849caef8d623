"""Alerts of real clusters to real servers: one message whoever sends it, and nothing waits for a channel that hangs."""

from signal import SIGKILL

import psutil
import pytest

from maintenance.alert_models import AlertDelivery, AlertStatus, Trouble
from maintenance.models import HealthSnapshot, JobRun
from tests.cluster.test_database import end_all_connections
from tests.http_sink import HANGS, http_sink

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]

JOB, OTHER = "cleanup-invitations", "cleanup-push-tokens"
SENDING = ("alerts", "send")


def fail():
    """Let the last run of a job be a failed one."""
    return JobRun.objects.create(
        job=JOB,
        trigger="command",
        status="failed",
        message="No.",
        queued_at="2026-01-01T00:00Z",
        started_at="2026-01-01T00:00Z",
        finished_at="2026-01-01T00:00Z",
    )


def senders(one):
    return [process for process in one.family() if SENDING[0] in process.cmdline()]


def compare_now():
    """Let a comparison be due, and let what is gone have been gone for long enough."""
    HealthSnapshot.objects.update(compared_at=None)
    Trouble.objects.exclude(gone_since=None).update(gone_since="2026-01-01T00:00Z")


@pytest.fixture
def until_compared(until):
    """Let the clusters compare again and again, until a condition is true."""

    def wait(condition):
        def look():
            compare_now()
            return condition()

        until(look)

    return wait


def test_two_clusters_send_one_message_of_trouble_and_one_of_recovery(cluster, until_compared):
    with http_sink() as sink, http_sink(way=HANGS) as hanging:
        urls = f"{hanging.url('/hanging')},{sink.url('/hook')}"
        clusters = [cluster(ALERT_URLS=urls, ALERT_AFTER=5) for _ in range(2)]
        run = fail()
        until_compared(lambda: hanging.has_request.is_set() and sink.has_request.is_set())
        run.delete()
        until_compared(lambda: any("healthy again" in title for title in sink.titles))
        for one in clusters:
            one.stop()
    assert sink.titles == ["1 error", "healthy again, 1 error resolved"]


@pytest.mark.postgresql  # SQLite has no server that restarts
def test_a_restart_of_the_database_tells_nobody_anything(cluster, until, until_compared, assert_works):
    with http_sink() as sink:
        one = cluster(ALERT_URLS=sink.url("/hook"))
        run = fail()
        until_compared(sink.has_request.is_set)

        end_all_connections()

        assert_works(OTHER)  # a run of the job that failed would make it good
        for _ in range(3):
            compare_now()
            until(HealthSnapshot.objects.exclude(compared_at=None).exists)
        assert sink.titles == ["1 error"]
        run.delete()
        until_compared(lambda: len(sink.titles) > 1)
        one.stop()
    assert sink.titles == ["1 error", "healthy again, 1 error resolved"]


def test_a_message_whose_sender_is_killed_is_not_sent_again_by_the_other_cluster(cluster, run, until, until_compared):
    with http_sink(way=HANGS) as sink:
        one, other = (cluster(ALERT_URLS=sink.url("/hook"), ALERT_AFTER=5) for _ in range(2))
        failed = fail()
        until_compared(sink.has_request.is_set)
        # Each may have started a process, of which one sends the message.
        for process in [*senders(one), *senders(other), psutil.Process(one.pid)]:
            process.send_signal(SIGKILL)
        assert AlertDelivery.objects.get().status == AlertStatus.SENDING
        AlertDelivery.objects.update(attempted_at="2026-01-01T00:00Z")
        sink.way = "takes"
        until(lambda: AlertDelivery.objects.get().status == AlertStatus.UNSURE)
        assert "Unsure (the process ended while it was sending)" in run("alerts", "list", COLUMNS=200).out
        failed.delete()
        until_compared(lambda: AlertDelivery.objects.filter(kind="recovery", status=AlertStatus.SENT).exists())
        other.stop()
    assert sink.titles == ["1 error", "healthy again, 1 error resolved"]

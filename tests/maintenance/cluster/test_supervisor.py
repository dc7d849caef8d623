"""The decisions of a cluster's loop, without processes: what it does in which order, and when it gives up."""

import os
import signal
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection
from django.db.backends.signals import connection_created

from maintenance.cluster import passes, supervisor
from maintenance.cluster.poll import Work
from maintenance.cluster.supervisor import Cluster, ClusterFailed
from maintenance.core.errors import NotReady

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def clock(monkeypatch):
    """The cluster's clock; waiting moves it."""
    clock = SimpleNamespace(now=1_000.0, monotonic=lambda: clock.now)
    clock.sleep = lambda seconds: setattr(clock, "now", clock.now + seconds)
    monkeypatch.setattr(supervisor, "time", clock)
    return clock


@pytest.fixture
def said():
    return []


@pytest.fixture
def cluster(clock, said, monkeypatch):
    """A cluster without processes of its own: `alive` and `database` tell what it finds, `log` what it did."""
    monkeypatch.setattr(supervisor, "exit_without_parent", lambda _grace: None)
    monkeypatch.setattr(supervisor, "ForkedProcesses", lambda: SimpleNamespace(take_new=set))
    monkeypatch.setattr(supervisor.announcements, "started", lambda: "started")
    monkeypatch.setattr(supervisor.announcements, "stopped", lambda reason, count: f"stopped: {reason}, {count}")
    monkeypatch.setattr(supervisor.announcements, "count_stopped", lambda _pids, _since: 2)
    made = Cluster(said.append)
    made.log, made.alive, made.database = [], True, True

    def attempt(part):
        if part == made._find_work:
            return made.database
        part()
        return made.database

    def start():
        made.log.append("start")
        made._passes.start_over()

    monkeypatch.setattr(supervisor, "_attempt", attempt)
    monkeypatch.setattr(supervisor, "database_now", lambda: NOW)
    monkeypatch.setattr(supervisor.schedules, "add_missing", lambda: made.log.append("add missing"))
    monkeypatch.setattr(supervisor, "close_old_connections", lambda: None)
    monkeypatch.setattr(supervisor, "_limiter", lambda: lambda **_kwargs: None)
    monkeypatch.setattr(passes, "time", clock)
    monkeypatch.setattr(passes, "PARTS", (lambda: made.log.append("part 1"), lambda: made.log.append("part 2")))
    monkeypatch.setattr(made._wake_up, "send", lambda: made.log.append("wake up"))
    monkeypatch.setattr(made, "_start_processes", start)
    monkeypatch.setattr(made, "_stop_processes", lambda: made.log.append("stop"))
    monkeypatch.setattr(made, "_note_forked", lambda: True)
    monkeypatch.setattr(made, "_check_processes", lambda: made.alive)
    return made


def test_a_pass_does_all_parts_in_their_order_and_not_more_often_than_it_should(cluster, clock):
    for _ in range(5):
        cluster._check()
        clock.sleep(passes.WORK_EVERY / 2)

    assert cluster.log == ["part 1", "part 2", "wake up"] * 3


def test_a_task_that_is_queued_wakes_the_process_that_reads_the_queue(cluster):
    cluster._check()
    cluster._check()
    assert cluster.log.count("wake up") == 1

    cluster._work = Work(has_task=True)
    cluster._check()

    assert cluster.log == ["part 1", "part 2", "wake up", "wake up"]


def test_a_signal_ends_the_loop_and_is_the_reason(cluster, clock, said, monkeypatch):
    def stop():
        cluster.log.append("stop asked for")
        cluster._on_signal(signal.SIGTERM, None)

    monkeypatch.setattr(passes, "PARTS", (stop,))
    cluster.run()

    assert cluster.log == ["add missing", "start", "stop asked for", "wake up", "stop"]
    assert said == ["started", "stopped: SIGTERM, 2"]


def test_without_an_announcement_the_number_of_stopped_runs_is_unknown(cluster, said, monkeypatch):
    monkeypatch.setattr(cluster, "_announce", lambda: None)
    cluster._on_signal(signal.SIGINT, None)

    cluster.run()

    assert said == ["stopped: SIGINT, None"]


def test_a_closed_output_keeps_no_cluster_from_ending(cluster, monkeypatch):
    def say(_line):
        raise BrokenPipeError

    monkeypatch.setattr(cluster, "_say", say)
    monkeypatch.setattr(cluster, "_announce", lambda: None)
    cluster._on_signal(signal.SIGTERM, None)

    cluster.run()

    assert cluster.log[-1] == "stop"


def test_dead_processes_are_restarted_before_any_other_work(cluster):
    cluster.alive = False

    cluster._check()

    assert cluster.log == ["stop", "start"]


def test_a_process_that_dies_during_a_pass_ends_it(cluster, monkeypatch):
    def die():
        cluster.alive = False

    monkeypatch.setattr(passes, "PARTS", (die, lambda: cluster.log.append("recovery")))
    cluster._check()
    assert cluster.log == []

    cluster._check()
    assert cluster.log == ["stop", "start"]


def test_a_cluster_that_is_stopping_starts_nothing(cluster):
    cluster.alive = False
    cluster._on_signal(signal.SIGTERM, None)

    cluster._check()

    assert cluster.log == ["stop"]


def test_too_many_restarts_in_a_short_time_end_the_cluster(cluster, clock):
    cluster.alive = False
    for _ in range(supervisor.MOST_RESTARTS):
        cluster._check()
    with pytest.raises(ClusterFailed, match="died repeatedly"):
        cluster._check()


def test_restarts_of_long_ago_do_not_count(cluster, clock):
    cluster.alive = False
    for _ in range(3 * supervisor.MOST_RESTARTS):
        cluster._check()
        clock.sleep(supervisor.RESTART_WINDOW / supervisor.MOST_RESTARTS)

    assert cluster.log.count("start") == 3 * supervisor.MOST_RESTARTS


def test_without_a_database_nothing_is_done_and_nothing_restarted(cluster, clock):
    cluster.database = cluster.alive = False
    while clock.now < 1_000.0 + supervisor.DATABASE_TIMEOUT:
        cluster._check()
        clock.sleep(supervisor.CHECK_EVERY)

    assert cluster.log == []


def test_a_database_that_comes_back_gets_its_processes_anew(cluster, clock):
    cluster.database = cluster.alive = False
    cluster._check()
    clock.sleep(supervisor.CHECK_EVERY)
    cluster.database = True

    cluster._check()

    assert cluster.log == ["stop", "start"]


def test_a_database_that_stays_away_ends_the_cluster_with_its_reason(cluster, said, monkeypatch):
    cluster.database = False
    monkeypatch.setattr(cluster, "_announce", lambda: None)
    monkeypatch.setattr(supervisor, "verify_version", fails_with(OperationalError()))

    with pytest.raises(ClusterFailed, match="has not answered"):
        cluster.run()

    assert cluster.log[-1] == "stop"
    [line] = said
    assert line.startswith("stopped: The database has not answered for two minutes")


def test_a_database_of_another_version_ends_the_cluster_with_the_remedy(cluster, said, monkeypatch):
    cluster.database = False
    monkeypatch.setattr(cluster, "_announce", lambda: None)
    monkeypatch.setattr(supervisor, "verify_version", fails_with(NotReady("The database is not migrated: migrate.")))

    with pytest.raises(NotReady, match="is not migrated"):
        cluster.run()

    assert cluster.log[-1] == "stop"
    [line] = said
    assert line.startswith("stopped: The database is not migrated: migrate")


def test_the_version_of_the_database_is_verified_whenever_it_was_migrated(cluster, monkeypatch):
    verified, found = [], iter([7, 7, 8, 8])
    monkeypatch.setattr(supervisor.poll, "look", lambda: Work(last_migration=next(found)))
    monkeypatch.setattr(supervisor, "verify_version", lambda: verified.append(1))

    for times in (1, 1, 2, 2):
        cluster._find_work()
        assert len(verified) == times


def test_a_database_of_another_version_has_no_work_until_it_has_the_version_of_the_cluster(cluster, monkeypatch):
    monkeypatch.setattr(supervisor.poll, "look", lambda: Work(last_migration=8, last_run=3))
    monkeypatch.setattr(supervisor, "verify_version", fails_with(NotReady("The database is newer.")))
    for _ in range(2):
        with pytest.raises(NotReady):
            cluster._find_work()
    assert cluster._work == Work()

    monkeypatch.setattr(supervisor, "verify_version", lambda: None)
    cluster._find_work()

    assert cluster._work == Work(last_run=3)


def fails_with(error):
    def fail():
        raise error

    return fail


@pytest.mark.postgresql  # SQLite has no such limits
@pytest.mark.django_db(transaction=True)
def test_each_connection_of_the_leader_gets_its_limits_once(monkeypatch):
    def limits():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout')"
            )
            return cursor.fetchone()

    before, limit = limits(), supervisor._limiter()
    monkeypatch.setattr(connection_created, "receivers", [*connection_created.receivers])
    monkeypatch.setattr(connection_created, "sender_receivers_cache", {})
    connection_created.connect(limit, weak=False)
    connection.close()
    assert limits() != before
    assert limits()[0] == "5s"

    monkeypatch.setattr(os, "getpid", lambda: 77)  # another process has inherited it
    connection.close()
    assert limits() == before
    connection_created.disconnect(limit)
    connection.close()

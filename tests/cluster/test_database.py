"""The database goes away under a cluster, and comes back."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from maintenance.models import JobRun
from tests.cluster.processes import SLOW

pytestmark = [
    pytest.mark.process,
    pytest.mark.postgresql,  # SQLite has no server that could go away
    pytest.mark.django_db(transaction=True),
]

Status = JobRun.Status

END_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"


@contextmanager
def server() -> Iterator[psycopg.Connection]:
    """A connection to the server, but not to the tests' database."""
    parameters = connection.get_connection_params() | {"dbname": "postgres"}
    wanted = {name: parameters[name] for name in ("host", "port", "user", "password", "dbname") if name in parameters}
    with psycopg.connect(**wanted, autocommit=True) as other:
        yield other


def end_all_connections() -> None:
    """End every connection to the database, as a restart does."""
    name = connection.settings_dict["NAME"]
    connection.close()
    with server() as other:
        other.execute(END_ALL, [name])


@contextmanager
def outage() -> Iterator[None]:
    """Let nobody into the database."""
    name = connection.settings_dict["NAME"]
    connection.close()
    with server() as other:
        allow = sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS {}")
        other.execute(allow.format(sql.Identifier(name), sql.SQL("false")))
        try:
            other.execute(END_ALL, [name])
            yield
        finally:
            other.execute(allow.format(sql.Identifier(name), sql.SQL("true")))


def test_an_idle_cluster_survives_a_restart_of_the_database(cluster, assert_works):
    one = cluster()

    end_all_connections()

    assert_works(seconds=180)
    one.until_up()
    one.stop()


def test_a_restart_in_the_middle_of_a_run_is_told_and_the_work_goes_on(
    cluster, backlog, due, until, until_busy, assert_works
):
    tokens = backlog(2_000)
    one = cluster(**SLOW)
    due(tokens.job.name)
    run = until_busy(tokens.job.name)

    end_all_connections()

    until(lambda: not JobRun.objects.filter(pk=run.pk, status=Status.RUNNING).exists())
    run.refresh_from_db()
    # It goes on with a new connection, unless the process that records results was at the database, too: then the
    # cluster replaces its processes, and the run stops where it is.
    assert run.status in {Status.SUCCEEDED, Status.CRASHED, Status.INTERRUPTED}
    assert run.message
    assert run.status != Status.SUCCEEDED or "The run goes on with a new connection" in one.log()
    tokens.assert_exact()
    assert_works(tokens.job.name, seconds=180)
    tokens.assert_finished()
    one.until_up()
    one.stop()


def test_an_outage_is_waited_for(cluster, until, assert_works):
    one = cluster()

    with outage():
        until(lambda: "The database raised an error" in one.log())
        until(lambda: "reincarnated pusher" in one.log())  # django-q2's reading process gives up after ten seconds

    assert_works(seconds=180)
    one.until_up()
    one.stop()


@pytest.mark.usefixtures("only_in_long_form")
def test_a_cluster_stops_in_time_without_its_database(cluster, until):
    one = cluster()
    with outage():
        until(lambda: "The database raised an error" in one.log())
        one.stop()

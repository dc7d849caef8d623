"""A cluster that has nothing to do leaves the database alone."""

import re
from pathlib import Path

import pytest
from django.db import connection
from psycopg import sql

from maintenance.models import Canary, ClusterHeartbeat, HealthSnapshot
from tests.cluster.test_database import server

pytestmark = [
    pytest.mark.process,
    pytest.mark.postgresql,  # its log counts the statements of all processes
    pytest.mark.django_db(transaction=True),
]

STATEMENT = re.compile(rb"LOG:  (?:statement|execute [^:]*): ")
SIGNS = 3
"""Heartbeats for which an idle cluster is watched: an examination of the jobs is among them."""
MOST = 100
"""Statements between two heartbeats, which are ten seconds apart."""
MOST_CONNECTIONS = 2


@pytest.fixture
def statements():
    """Let the server log the statements of new connections; return a function that counts those since its last call."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        log = Path(cursor.fetchone()[0]) / "log"
    if not log.is_file():
        pytest.skip("The log of the server cannot be read.")
    database = sql.Identifier(connection.settings_dict["NAME"])
    read = log.stat().st_size

    def count():
        nonlocal read
        with log.open("rb") as file:
            file.seek(read)
            text = file.read()
            read = file.tell()
        return len(STATEMENT.findall(text))

    with server() as other:
        other.execute(sql.SQL("ALTER DATABASE {} SET log_statement = 'all'").format(database))
        yield count
        other.execute(sql.SQL("ALTER DATABASE {} RESET log_statement").format(database))


def connections_of_others():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone()[0]


def test_an_idle_cluster_sends_few_statements_on_few_connections(cluster, statements, until):
    def wait_for_sign():
        seen = ClusterHeartbeat.objects.get().seen_at
        until(lambda: ClusterHeartbeat.objects.get().seen_at > seen)

    one = cluster()
    until(lambda: Canary.objects.filter(echo__gt=0).exists() and HealthSnapshot.objects.exists())
    for _ in range(2):  # at its start it is busy
        wait_for_sign()
    checked, _ = HealthSnapshot.objects.get().checked_at, statements()

    for _ in range(SIGNS):
        wait_for_sign()
    number = statements()

    assert HealthSnapshot.objects.get().checked_at > checked
    assert 0 < number <= SIGNS * MOST, number
    assert connections_of_others() <= MOST_CONNECTIONS
    one.stop()

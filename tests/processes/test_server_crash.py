"""The database server itself crashes while a job works, and takes back what was not on the disk yet."""

import os
import signal
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from tests.postgresql_server import start as start_server

pytestmark = [
    pytest.mark.process,
    pytest.mark.postgresql,  # SQLite has no server
    pytest.mark.django_db(transaction=True),
]

TOKENS = 10_000
SETTINGS = {
    "wal_writer_delay": "10s",  # nothing but a commit that waits for the disk brings anything there
    "wal_writer_flush_after": "1GB",
}


@pytest.fixture
def server(start):
    """A migrated server with push tokens that are due, which may crash."""
    url = start_server("crash", SETTINGS)
    assert start("migrate", "--verbosity=0", DATABASE_URL=url).wait().status == 0
    server = Server(url)
    server.do(
        "INSERT INTO bazaar_user (id, public_id, email, name, bio, password, is_superuser, is_staff, is_active, "
        "is_external, karma, show_email_on_profile, include_in_search, show_activity_publicly, created_at, updated_at) "
        "VALUES (1, gen_random_uuid(), 'somebody@example.org', '', '', '!', false, false, true, false, 0, false, true, "
        "true, now(), now())"
    )
    server.do(
        "INSERT INTO bazaar_pushtoken (user_id, token, platform, created_at, last_used_at) "
        f"SELECT 1, md5(n::text), 'ios', now(), now() - interval '1 year' FROM generate_series(1, {TOKENS}) n"
    )
    return server


class Server:
    def __init__(self, url):
        self.url, parts = url, urlsplit(url)
        self._at = {"host": parse_qs(parts.query)["host"][0], "user": parts.username, "dbname": parts.path[1:]}

    def do(self, statement):
        with psycopg.connect(**self._at, autocommit=True) as connection:
            answer = connection.execute(statement)
            return answer.fetchall() if answer.description else []

    def number(self, query):
        return self.do(query)[0][0]

    def crash(self):
        """End a server process in a way that makes the server give up all of them, and what is only in memory."""
        with psycopg.connect(**self._at) as connection:
            os.kill(connection.info.backend_pid, signal.SIGKILL)
            with pytest.raises(psycopg.OperationalError):
                connection.execute("SELECT 1")

    def is_back(self):
        try:
            return self.number("SELECT NOT pg_is_in_recovery()")
        except psycopg.OperationalError:
            return False


DONE = "SELECT coalesce(sum(items_done), 0)::int FROM maintenance_jobrun"


def test_counts_are_exact_though_the_server_forgets_the_last_batches(server, start, until):
    command = start("cleanup_push_tokens", "--confirm-count", str(TOKENS), DATABASE_URL=server.url)
    seen = until(lambda: server.number(DONE))

    server.crash()

    until(server.is_back)
    assert command.wait().status == 1
    assert seen, "it was at work"
    assert server.number("SELECT count(*) FROM bazaar_pushtoken") > 0, "it was not done"
    _assert_exact(server)

    def finish():
        return start("cleanup_push_tokens", "--confirm-count", str(TOKENS), DATABASE_URL=server.url).wait().status == 0

    until(finish, 60)
    assert server.number("SELECT count(*) FROM bazaar_pushtoken") == 0
    _assert_exact(server)


def _assert_exact(server):
    """Compare what runs and audit entries say was done with what is gone."""
    gone = TOKENS - server.number("SELECT count(*) FROM bazaar_pushtoken")
    assert server.number(DONE) == gone
    assert server.number("SELECT coalesce(sum((details#>>'{counts,deleted}')::int), 0) FROM maintenance_jobrun") == gone
    assert server.number("SELECT coalesce(sum((metadata#>>'{counts,deleted}')::int), 0) FROM bazaar_auditlog") == gone

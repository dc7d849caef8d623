"""Traces outside of the rows: the text of statements, and the file of a SQLite database."""

import sqlite3
from pathlib import Path

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.utils import timezone

from bazaar.erasure import erase
from bazaar.models import MagicLinkToken
from tests.factories import (
    AuditLogFactory,
    LoginAttemptFactory,
    MagicLinkTokenFactory,
    NotificationFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)

MARKER = "zaphod.beeblebrox"
ADDRESS = f"{MARKER}@example.org"


def make_rows():
    user = UserFactory(email=ADDRESS, name=MARKER)
    MagicLinkTokenFactory(email=ADDRESS)
    LoginAttemptFactory(email=ADDRESS, user=None)
    NotificationFactory(body=f"From {ADDRESS}")
    AuditLogFactory(user=user, metadata={"text": MARKER})
    return user


@pytest.mark.postgresql  # SQLite has no server that could log a statement
@pytest.mark.parametrize("anonymize", [True, False])
def test_no_statement_of_an_erasure_has_the_address_in_its_text(request_deletion, anonymize):
    request = request_deletion(make_rows(), anonymize=anonymize)
    observer = connections.create_connection("default")
    pid = connection.connection.info.backend_pid
    seen = []

    def look(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        with observer.cursor() as cursor:
            cursor.execute("SELECT query FROM pg_stat_activity WHERE pid = %s", [pid])
            seen.append(cursor.fetchone()[0])
        return result

    try:
        with transaction.atomic(), connection.execute_wrapper(look):
            assert erase(request.pk, timezone.now())
    finally:
        observer.close()

    assert any("bazaar_magiclinktoken" in query and "$1" in query for query in seen)
    assert not [query for query in seen if MARKER in query]


@pytest.fixture
def logged():
    """Return what PostgreSQL writes into its log while a function waits for a table that another transaction has."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        log = Path(cursor.fetchone()[0]) / "log"
        cursor.execute("SET lock_timeout = '50ms'")
    assert log.is_file(), "the server of the tests writes its log there"
    other = connections.create_connection("default")
    other.set_autocommit(False)

    def run(function):
        with other.cursor() as cursor:
            cursor.execute("LOCK TABLE bazaar_magiclinktoken IN ACCESS EXCLUSIVE MODE")
        before = log.stat().st_size
        with pytest.raises(OperationalError, match="lock timeout"), transaction.atomic():
            function()
        return log.read_bytes()[before:].decode()

    yield run
    other.close()
    with connection.cursor() as cursor:
        cursor.execute("RESET lock_timeout")


@pytest.mark.postgresql  # SQLite has no server that could log a statement
def test_a_lock_time_out_in_an_erasure_writes_no_address_into_the_log_of_the_server(request_deletion, logged):
    request = request_deletion(make_rows())

    elsewhere = logged(lambda: MagicLinkToken.objects.filter(email=ADDRESS).delete())
    in_erasure = logged(lambda: erase(request.pk, timezone.now()))

    assert MARKER in elsewhere, "the server does log statements that fail"
    assert "bazaar_magiclinktoken" in in_erasure
    assert MARKER not in in_erasure


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="SQLite keeps its rows in one file")
@pytest.mark.parametrize("anonymize", [True, False])
def test_nothing_of_the_person_is_left_in_the_file_of_the_database(request_deletion, anonymize):
    request = request_deletion(make_rows(), anonymize=anonymize)
    path = Path(connection.settings_dict["NAME"])
    with sqlite3.connect(path) as other:  # as long as another process is connected, the log of changes stays
        assert other.execute("SELECT COUNT(*) FROM bazaar_user").fetchone()[0]
        assert MARKER.encode() in contents(path)

        with transaction.atomic():
            assert erase(request.pk, timezone.now())

        assert MARKER.encode() not in contents(path)
    other.close()


def contents(path):
    return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))

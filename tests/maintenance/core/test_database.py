"""The connection of a run: what is set on it, and that all of it is gone afterwards; on both databases."""

import threading
from datetime import timedelta

import pytest
from django.db import Error, OperationalError, connection, connections, transaction

from maintenance.core import database
from tests.engine_app.models import Item

pytestmark = pytest.mark.django_db(transaction=True)

HANGS_AFTER = 60
"""Seconds after which a test that hangs fails."""
NAMES = ("lock_timeout", "idle_in_transaction_session_timeout", "tcp_keepalives_idle", "tcp_keepalives_count")


def parameters(*names):
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(["current_setting(%s)"] * len(names)), names)
        return cursor.fetchone()


@pytest.mark.parametrize(
    ("duration", "text"),
    [(timedelta(seconds=5), "5000ms"), (timedelta(milliseconds=1.6), "2ms"), (timedelta(0), "0ms")],
)
def test_a_duration_is_in_milliseconds(duration, text):
    assert database.milliseconds(duration) == text


@pytest.mark.postgresql  # SQLite has no such limits
def test_the_limits_of_a_run_last_as_long_as_the_run(settings):
    settings.MAINTENANCE_LEASE_SECONDS = 33
    before = parameters(*NAMES, "application_name")

    with database.maintenance_limits():
        database.set_on_connection("application_name", "maintenance run 7")
        assert parameters(*NAMES[:2], "application_name") == ("5s", "33s", "maintenance run 7")

    assert parameters(*NAMES, "application_name") == before


@pytest.mark.postgresql
def test_a_connection_that_is_lost_inside_the_limits_leaves_no_error():
    with database.maintenance_limits():
        connection.connection.close()

    database.reconnect_if_lost()
    assert Item.objects.count() == 0


def test_a_connection_that_is_lost_is_opened_anew():
    Item.objects.count()
    assert database.is_connected()
    if database.is_postgresql():
        connection.connection.close()
    else:
        connection.close()

    database.reconnect_if_lost()

    assert Item.objects.count() == 0
    assert database.is_connected()


@pytest.mark.postgresql
def test_a_lost_connection_is_kept_inside_a_transaction():
    """A new one would let the rest of the transaction be committed on its own."""

    def lose():
        with transaction.atomic():
            connection.connection.close()
            database.reconnect_if_lost()
            Item.objects.create(label="half")

    with pytest.raises(Error):
        lose()

    connection.close()
    assert not Item.objects.exists()


def test_nothing_can_be_written_in_a_read_only_transaction():
    Item.objects.create(label="kept")

    with database.read_only():
        assert Item.objects.count() == 1
        with pytest.raises(Error), transaction.atomic():
            Item.objects.all().delete()

    assert Item.objects.count() == 1
    Item.objects.create(label="written afterwards")


def test_an_error_in_a_read_only_transaction_leaves_a_connection_that_writes():
    with pytest.raises(ValueError, match="what the caller raised"), database.read_only():
        raise ValueError("what the caller raised")

    Item.objects.create(label="written afterwards")
    assert Item.objects.count() == 1


@pytest.mark.postgresql  # SQLite has no limit for statements
def test_a_statement_over_its_limit_is_cancelled():
    with (
        pytest.raises(OperationalError) as cancelled,
        database.statement_limit(timedelta(milliseconds=20)),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT pg_sleep(60)")

    assert cancelled.value.__cause__.sqlstate == "57014"
    assert parameters("statement_timeout") == ("0",)


def test_a_statement_within_its_limit_is_not_touched():
    with database.statement_limit(timedelta(seconds=60)):
        assert Item.objects.count() == 0


@pytest.mark.postgresql  # there is no second writer on SQLite
def test_an_advisory_lock_is_held_until_the_transaction_ends():
    order, is_waiting = [], threading.Event()

    def wait():
        with transaction.atomic():
            is_waiting.set()
            database.advisory_lock("tests.database")
            order.append("second")
        connections.close_all()

    second = threading.Thread(target=wait)
    with transaction.atomic():
        database.advisory_lock("tests.database")
        second.start()
        assert is_waiting.wait(HANGS_AFTER)
        with transaction.atomic():
            database.advisory_lock("tests.database")  # its holder takes it as often as it likes
        order.append("first")
    second.join(HANGS_AFTER)

    assert order == ["first", "second"]


@pytest.mark.postgresql
def test_an_asynchronous_commit_is_of_one_transaction():
    before = parameters("synchronous_commit")
    database.set_on_connection("synchronous_commit", "local")
    with transaction.atomic():
        database.commit_asynchronously()
        assert parameters("synchronous_commit") == ("off",)

    assert parameters("synchronous_commit") == ("local",)
    database.set_on_connection("synchronous_commit", before[0])

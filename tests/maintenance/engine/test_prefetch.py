"""Prefetching: the next batch while the present one is processed, and nothing that outlives the stage."""

import threading

import pytest
from django.db import connection, connections

from maintenance.api import Outcome, PrefetchStage, RowStage
from maintenance.engine import lease
from maintenance.engine.cancellation import CancellationToken
from maintenance.engine.prefetch import reading
from tests.engine_app.models import Item

SECONDS = 30
"""After which something that should happen at once is called missing."""


def make_item():
    return Item.objects.create(label=f"item-{Item.objects.count()}")


def process(*_args):
    return Outcome()


def batches(act=None, stop=None, **options):
    items = Item.objects.all()
    stage = PrefetchStage(items, process, act) if act else RowStage(items, process)
    return reading(stage, stop or CancellationToken(), renew=lambda: None, **options)


def asleep():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active' "
            "AND datname = current_database()"
        )
        return cursor.fetchone()[0]


def sleep_after_the_first():
    """Make two items, and return a function that reads the first and falls asleep in the database at the second."""
    first = make_item().pk
    make_item()

    def read(rows):
        if not rows.filter(pk=first).exists():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(600)")

    return read


def wait_until(condition):
    tick = threading.Event()
    for _ in range(SECONDS * 20):
        if condition():
            return
        tick.wait(0.05)
    raise AssertionError("It did not happen.")


@pytest.mark.parametrize("read", [None, list])
@pytest.mark.django_db
def test_each_key_comes_once_and_in_order_though_rows_go_meanwhile(read):
    keys = sorted(make_item().pk for _ in range(5))
    found = []
    with batches(read) as reader:
        while batch := reader.take(2):
            found.append(batch.keys)
            Item.objects.filter(pk__in=batch.keys).delete()

    assert found == [keys[0:2], keys[2:4], keys[4:]]


@pytest.mark.postgresql  # SQLite has one writer, and nothing is read ahead
@pytest.mark.django_db(transaction=True)
def test_the_next_batch_is_read_while_the_present_one_is_processed():
    keys = sorted(make_item().pk for _ in range(4))
    is_processed, threads = threading.Event(), []

    def read(rows):
        threads.append(threading.current_thread())
        if len(threads) > 1:
            assert is_processed.wait(SECONDS)
        return set(rows.values_list("pk", flat=True))

    with batches(read) as reader:
        first = reader.take(2)
        is_processed.set()
        second = reader.take(2)

    assert (first.prefetched, second.prefetched) == (set(keys[:2]), set(keys[2:]))
    assert threading.current_thread() not in threads
    assert not any(thread.is_alive() for thread in threads)


@pytest.mark.postgresql  # as above
@pytest.mark.django_db(transaction=True)
def test_where_there_are_pauses_the_next_batch_is_read_in_them(settings):
    settings.MAINTENANCE_BATCH_PAUSE = 0.5
    first, second = sorted(make_item().pk for _ in range(2))
    reading = threading.Event()

    def read(rows):
        if rows.filter(pk=second).exists():
            reading.set()
        return set(rows.values_list("pk", flat=True))

    with batches(read) as reader:
        assert reader.take(1).prefetched == {first}
        assert reader._future is None
        reader.prepare_next(1)
        assert reading.wait(SECONDS)
        assert reader.take(1).prefetched == {second}


@pytest.mark.postgresql  # as above
@pytest.mark.django_db(transaction=True)
def test_what_is_being_read_ends_with_the_stage():
    with batches(sleep_after_the_first()) as reader:
        reader.take(1)
        wait_until(asleep)

    assert not asleep()


@pytest.mark.postgresql  # as above
@pytest.mark.django_db(transaction=True)
def test_a_stop_request_ends_the_wait_for_a_batch():
    stop = CancellationToken()
    with batches(sleep_after_the_first(), stop) as reader:
        reader.take(1)
        wait_until(asleep)
        stop.request()
        with pytest.raises(lease.FenceClosed):
            reader.take(1)

    assert not asleep()


@pytest.mark.postgresql  # as above
@pytest.mark.django_db(transaction=True)
def test_a_stop_request_ends_the_wait_for_the_first_batch():
    make_item()
    stop, slept = CancellationToken(), []

    def read(rows):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(%s)", [SECONDS])
        slept.append(rows)

    def stop_when_asleep():
        try:
            wait_until(asleep)
        finally:
            stop.request()
            connections.close_all()

    thread = threading.Thread(target=stop_when_asleep)
    with batches(read, stop) as reader:
        thread.start()
        with pytest.raises(lease.FenceClosed):
            reader.take(1)
    thread.join()

    assert not slept


@pytest.mark.postgresql  # as above
@pytest.mark.django_db(transaction=True)
def test_an_error_in_prefetching_is_logged_without_its_text(caplog):
    first, second = sorted(make_item().pk for _ in range(2))

    def read(rows):
        if rows.filter(pk=first).exists():
            raise ZeroDivisionError("somebody@example.org")
        return set(rows.values_list("pk", flat=True))

    with batches(read) as reader:
        found = [reader.take(1), reader.take(1)]

    assert [(batch.keys, batch.prefetched) for batch in found] == [([first], None), ([second], {second})]
    [record] = caplog.records
    assert "ZeroDivisionError" in record.getMessage()
    assert "example.org" not in caplog.text


@pytest.mark.postgresql  # as above
@pytest.mark.django_db(transaction=True)
def test_a_connection_that_is_lost_in_prefetching_is_replaced():
    first, second = sorted(make_item().pk for _ in range(2))

    def read(rows):
        if rows.filter(pk=first).exists():
            connection.connection.pgconn.finish()
        return set(rows.values_list("pk", flat=True))

    with batches(read) as reader:
        assert [reader.take(1).prefetched, reader.take(1).prefetched] == [None, {second}]


@pytest.mark.django_db
def test_nothing_is_read_where_that_is_not_wanted():
    make_item()
    with batches(list, prefetch=False) as reader:
        assert reader.take(1).prefetched is None

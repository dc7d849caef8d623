import threading

import pytest
from django.db import DatabaseError, connection, transaction

from bazaar.partitions import locks
from tests.bazaar.jobs.two_connections import in_a_thread

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql, pytest.mark.usefixtures("fast")]


def lock():
    locks.execute("LOCK TABLE bazaar_auditlog IN ACCESS EXCLUSIVE MODE")


@pytest.fixture
def reader():
    """Somebody whose transaction has read the table, until `ends` is set."""
    reads, ends = threading.Event(), threading.Event()

    def read():
        with transaction.atomic():
            locks.execute("SELECT 1 FROM bazaar_auditlog LIMIT 1")
            reads.set()
            ends.wait()

    thread, _ = in_a_thread(read)
    reads.wait()
    yield ends
    ends.set()
    thread.join()


def test_it_is_tried_again_until_the_lock_is_had(reader):
    tries = []

    def act():
        tries.append(1)
        if len(tries) == 2:
            reader.set()
        lock()
        return "done"

    assert locks.patiently(act, tries=50) == "done"
    assert len(tries) >= 2


def test_after_so_many_tries_it_is_given_up(reader):
    tries = []

    with pytest.raises(locks.NoLock):
        locks.patiently(lambda: (tries.append(1), lock()), tries=3)

    assert len(tries) == 3


def test_another_error_is_told_at_once():
    with pytest.raises(DatabaseError, match="nothing_of_this_name"):
        locks.patiently(lambda: locks.execute("LOCK TABLE nothing_of_this_name"), tries=3)


def test_the_transaction_around_it_keeps_its_own_limit(reader):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout TO '77s'")
        locks.patiently(lambda: None, tries=1)
        with pytest.raises(locks.NoLock):
            locks.patiently(lock, tries=1)
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("77s",)

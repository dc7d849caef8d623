"""The writer of the ledger bears a connection that is lost, and does not wait for ever."""

import threading

import pytest
from django.db import connection, connections, transaction

from bazaar.decisions.checks import refusals
from bazaar.deletion_requests import make_request
from bazaar.ledger import writer
from bazaar.ledger.models import Entry
from bazaar.ledger.router import ALIAS
from bazaar.models import DeletionRequest
from maintenance.core.errors import NotReady
from maintenance.engine.runner import run_now
from tests.factories import UserFactory

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def test_the_next_attempt_after_a_lost_connection_has_another_one():
    make_request(UserFactory())
    with connections[ALIAS].cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [backend] = cursor.fetchone()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [backend])

    with pytest.raises(writer.LedgerUnavailable):
        make_request(UserFactory())
    make_request(UserFactory())

    assert DeletionRequest.objects.count() == 2
    assert list(Entry.objects.values_list("kind", flat=True)) == ["requested", "confirmed"] * 2


def test_the_doctor_tells_that_the_ledger_is_read_only():
    assert not refusals()
    with connections[ALIAS].cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    try:
        assert "read-only" in refusals()[0].msg
        with pytest.raises(NotReady, match="read-only"):
            run_now("finalize-deletions")
    finally:
        connections[ALIAS].close()
    assert not refusals()


def test_a_writer_that_never_ends_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(writer, "LONGEST_WAIT", 0.1)
    has_lock, may_go = threading.Event(), threading.Event()

    def hold_the_lock():
        try:
            with transaction.atomic(using=ALIAS):
                writer._lock()
                has_lock.set()
                may_go.wait(60)
        finally:
            connections.close_all()

    thread = threading.Thread(target=hold_the_lock)
    thread.start()
    assert has_lock.wait(60)
    try:
        with pytest.raises(writer.LedgerUnavailable):
            make_request(UserFactory())
    finally:
        may_go.set()
        thread.join()

    assert not DeletionRequest.objects.exists()
    make_request(UserFactory())

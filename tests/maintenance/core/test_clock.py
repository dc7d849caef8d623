"""The database's clock, and how far the host's may be from it."""

from datetime import UTC, timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from maintenance.core import clock
from maintenance.core.errors import NotReady

pytestmark = pytest.mark.django_db


def test_the_time_of_the_database_is_in_utc_and_goes_on_inside_a_transaction():
    with transaction.atomic():
        first = clock.database_now()
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM maintenance_jobrun")
        second = clock.database_now()

    assert first.tzinfo is UTC
    assert first <= second
    assert abs(first - timezone.now()) < clock.TOLERANCE


@pytest.mark.parametrize(
    ("offset", "words"),
    [(timedelta(minutes=6), "6 minutes ahead of"), (timedelta(hours=-2), "120 minutes behind")],
)
def test_a_clock_that_is_wrong_is_refused_with_its_direction(monkeypatch, offset, words):
    now = timezone.now()
    monkeypatch.setattr(clock, "database_now", lambda: now - offset)
    with time_machine.travel(now, tick=False), pytest.raises(NotReady, match=f"{words} the database's"):
        clock.refuse_skew()


@pytest.mark.parametrize("offset", [clock.TOLERANCE, -clock.TOLERANCE, timedelta(0)])
def test_a_clock_within_the_tolerance_is_accepted(monkeypatch, offset):
    now = timezone.now()
    monkeypatch.setattr(clock, "database_now", lambda: now - offset)
    with time_machine.travel(now, tick=False):
        clock.refuse_skew()

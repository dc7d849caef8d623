"""What is locked, and how it is lifted."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bazaar import locks, throttle
from bazaar.models import AuditLog, LoginAttempt
from tests.factories import LoginAttemptFactory, UserFactory

pytestmark = pytest.mark.django_db


def fail(number, **fields):
    LoginAttemptFactory.create_batch(number, **{"success": False, "user": None, "email": "", **fields})


def test_nothing_is_locked_below_the_limits():
    user = UserFactory()
    fail(throttle.FROM_ONE_PLACE - 1, email=user.email, user=user)

    assert locks.locks() == []


def test_every_limit_has_its_lock():
    user, other = UserFactory(), UserFactory()
    fail(throttle.FROM_ONE_PLACE, email=user.email, user=user, ip_address="192.0.2.7")
    fail(throttle.OF_ONE_PLACE, ip_address="2001:db8::1")
    for number in range(throttle.OF_ONE_ADDRESS):
        fail(1, email=other.email, user=other, ip_address=f"198.51.100.{number}")

    found = {(lock.kind, lock.user, lock.place, lock.failures) for lock in locks.locks()}

    assert found == {
        (locks.BOTH, user.pk, "192.0.2.7", throttle.FROM_ONE_PLACE),
        (locks.PLACE, None, "2001:db8::/64", throttle.OF_ONE_PLACE),
        (locks.ACCOUNT, other.pk, "", throttle.OF_ONE_ADDRESS),
    }


def test_a_lock_ends_when_one_failure_is_too_old():
    now = timezone.now()
    for minutes in range(throttle.FROM_ONE_PLACE + 1):
        fail(1, email="nobody@example.org", created_at=now - timedelta(minutes=minutes))

    (lock,) = locks.locks()

    oldest_that_counts = now - timedelta(minutes=throttle.FROM_ONE_PLACE - 1)
    assert lock.until == oldest_that_counts + throttle.WINDOW


def test_lifted_failures_count_no_more_and_stay():
    fail(throttle.FROM_ONE_PLACE, email="nobody@example.org")
    assert locks.locks()

    assert locks.lift(throttle.failures()) == throttle.FROM_ONE_PLACE

    assert locks.locks() == []
    assert LoginAttempt.objects.count() == throttle.FROM_ONE_PLACE
    assert AuditLog.objects.get().metadata == {"failures": throttle.FROM_ONE_PLACE}
    assert locks.lift(throttle.failures()) == 0
    assert AuditLog.objects.count() == 1

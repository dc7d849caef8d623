"""Devices that have logged in before."""

import pytest
from django.core import signing

from bazaar import devices, throttle
from bazaar.models import User
from tests.bazaar.logging_in import EMAIL, PASSWORD, REFUSED, fail
from tests.factories import LoginAttemptFactory

pytestmark = pytest.mark.django_db


def test_failures_of_others_do_not_refuse_a_device_that_has_logged_in_before(log_in, client):
    assert log_in()[0]
    client.post("/admin/logout/")
    for number in range(throttle.OF_ONE_ADDRESS):
        LoginAttemptFactory(success=False, user=None, email=EMAIL, ip_address=f"198.51.100.{number}")
    LoginAttemptFactory.create_batch(
        throttle.OF_ONE_PLACE, success=False, user=None, email=EMAIL, ip_address="192.0.2.7"
    )

    assert log_in()[0]
    del client.cookies[devices.COOKIE]
    assert REFUSED in log_in()[1]


def test_a_device_has_a_limit_of_its_own(log_in, client):
    assert log_in()[0]
    client.post("/admin/logout/")
    fail(log_in, throttle.ON_ONE_DEVICE)

    assert REFUSED in log_in()[1]


def test_a_device_is_known_for_those_who_logged_in_on_it(log_in, client):
    User.objects.create_superuser("other@example.org", PASSWORD)
    assert log_in("other@example.org")[0]
    client.post("/admin/logout/")
    for number in range(throttle.OF_ONE_ADDRESS):
        LoginAttemptFactory(success=False, user=None, email=EMAIL, ip_address=f"198.51.100.{number}")

    assert REFUSED in log_in()[1]


@pytest.mark.parametrize("cookie", ["", "x", "a:b:c", "eyJkZXZpY2UiOiJ4In0:1:x"])
def test_a_forged_device_is_none(log_in, client, cookie):
    fail(log_in, throttle.FROM_ONE_PLACE)
    client.cookies[devices.COOKIE] = cookie

    assert REFUSED in log_in()[1]


def test_the_cookie_of_a_device_names_nobody_and_is_out_of_reach_of_scripts(log_in, client):
    assert log_in()[0]

    cookie = client.cookies[devices.COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"
    known = signing.loads(cookie.value, salt=devices.SALT)
    assert EMAIL not in str(known)


def test_a_device_remembers_the_latest_accounts(log_in, client):
    for number in range(devices.MOST_USERS + 1):
        User.objects.create_superuser(f"user-{number}@example.org", PASSWORD)
        assert log_in(f"user-{number}@example.org")[0]
        client.post("/admin/logout/")

    known = signing.loads(client.cookies[devices.COOKIE].value, salt=devices.SALT)
    assert len(known["users"]) == devices.MOST_USERS

"""Log-in to the admin: written down, and refused after too many failures."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from bazaar import devices, throttle
from bazaar.models import LoginAttempt, User
from tests.bazaar.logging_in import EMAIL, PASSWORD, REFUSED, fail
from tests.factories import LoginAttemptFactory

pytestmark = pytest.mark.django_db


def test_a_success_and_a_failure_are_written_down(log_in, operator):
    assert not log_in(password="wrong", **{"User-Agent": "Browser " * 500})[0]
    assert log_in()[0]

    failure, success = LoginAttempt.objects.order_by("pk")
    assert (failure.success, failure.user, failure.email, failure.ip_address) == (False, operator, EMAIL, "192.0.2.7")
    assert len(failure.user_agent) == throttle.LONGEST_USER_AGENT
    assert (success.success, success.user, success.email) == (True, operator, EMAIL)


def test_what_is_no_address_is_not_written_down(log_in):
    log_in("my secret password", "")
    log_in("my secret password", "wrong")

    assert set(LoginAttempt.objects.values_list("email", flat=True)) == {""}


def test_after_five_failures_not_even_the_right_password_is_let_in(log_in, client):
    fail(log_in, throttle.FROM_ONE_PLACE - 1)
    assert log_in()[0]
    del client.cookies[devices.COOKIE]
    fail(log_in, 1)

    is_in, page = log_in(email=f"  {EMAIL.upper()} ")

    assert not is_in
    assert REFUSED in page


def test_refused_attempts_do_not_prolong_the_refusal(log_in):
    fail(log_in, throttle.FROM_ONE_PLACE + 3)
    assert LoginAttempt.objects.count() == throttle.FROM_ONE_PLACE

    LoginAttempt.objects.update(created_at=timezone.now() - throttle.WINDOW - timedelta(seconds=1))

    assert log_in()[0]


def test_a_stranger_does_not_lock_out_somebody_elsewhere(log_in):
    fail(log_in, throttle.FROM_ONE_PLACE + 1, place="203.0.113.9")

    assert log_in()[0]


def test_one_place_cannot_try_many_accounts(log_in):
    for number in range(throttle.OF_ONE_PLACE):
        LoginAttemptFactory(success=False, user=None, email=f"user-{number}@example.org", ip_address="192.0.2.7")

    assert REFUSED in log_in()[1]
    assert log_in(place="192.0.2.8")[0]


def test_many_places_cannot_try_one_account_for_long(log_in):
    for number in range(throttle.OF_ONE_ADDRESS):
        LoginAttemptFactory(success=False, user=None, email=EMAIL, ip_address=f"198.51.100.{number}")

    assert REFUSED in log_in()[1]


def test_an_account_that_does_not_exist_is_refused_alike(log_in):
    fail(log_in, throttle.FROM_ONE_PLACE, email="nobody@example.org")

    assert REFUSED in log_in("nobody@example.org")[1]


def test_successes_do_not_count(log_in):
    for _ in range(throttle.OF_ONE_ADDRESS):
        LoginAttemptFactory(success=True, user=None, email=EMAIL, ip_address="192.0.2.7")

    assert log_in()[0]


@pytest.mark.parametrize(
    ("is_behind_proxy", "forwarded", "place"),
    [
        (True, "203.0.113.5, 198.51.100.2", "198.51.100.2"),
        (True, "", "192.0.2.7"),
        (True, "nonsense", None),
        (False, "203.0.113.5", "192.0.2.7"),
    ],
)
def test_the_place_is_what_our_own_proxy_saw(log_in, settings, is_behind_proxy, forwarded, place):
    settings.SECURE_PROXY = is_behind_proxy

    log_in(password="wrong", **({"X-Forwarded-For": forwarded} if forwarded else {}))

    assert LoginAttempt.objects.get().ip_address == place


def test_addresses_of_one_network_are_one_place(log_in):
    for number in range(throttle.FROM_ONE_PLACE):
        fail(log_in, 1, place=f"2001:db8:1:2::{number + 1:x}")

    assert REFUSED in log_in(place="2001:db8:1:2:ffff::1")[1]
    assert log_in(place="2001:db8:1:3::1")[0]


def test_a_network_cannot_lock_an_account_from_everywhere(log_in):
    for number in range(throttle.OF_ONE_ADDRESS + 10):
        log_in(password="wrong", place=f"2001:db8:1:2:{number + 1:x}::1")

    assert LoginAttempt.objects.filter(success=False).count() == throttle.FROM_ONE_PLACE
    assert log_in(place="192.0.2.7")[0]


def test_an_address_within_another_one_is_the_same_place(log_in):
    fail(log_in, throttle.FROM_ONE_PLACE, place="::ffff:192.0.2.7")

    assert REFUSED in log_in(place="192.0.2.7")[1]


def test_places_that_cannot_be_read_are_not_one_place(log_in, settings):
    settings.SECURE_PROXY = True
    fail(log_in, throttle.FROM_ONE_PLACE + 1, **{"X-Forwarded-For": "unknown"})

    assert log_in(**{"X-Forwarded-For": "unknown"})[0]


@pytest.mark.parametrize("forwarded", ["203.0.113.5:{}", "[2001:db8::1]:{}"])
def test_ports_do_not_make_places(log_in, settings, forwarded):
    settings.SECURE_PROXY = True
    for port in range(throttle.FROM_ONE_PLACE):
        fail(log_in, 1, **{"X-Forwarded-For": forwarded.format(50_000 + port)})

    assert REFUSED in log_in(**{"X-Forwarded-For": forwarded.format(1)})[1]
    assert log_in(**{"X-Forwarded-For": "203.0.113.9:50123"})[0]


def test_a_right_password_without_access_is_a_failure_and_throttled(log_in):
    User.objects.create_user("member@example.org", PASSWORD)
    fail(log_in, throttle.FROM_ONE_PLACE, email="member@example.org", password=PASSWORD)

    assert LoginAttempt.objects.filter(success=False, email="member@example.org").count() == throttle.FROM_ONE_PLACE
    assert REFUSED in log_in("member@example.org")[1]


@pytest.mark.parametrize("fields", [{"is_active": False}, {"is_staff": False}])
def test_accounts_without_access_look_alike(log_in, operator, fields):
    User.objects.filter(pk=operator.pk).update(**fields)
    without = {log_in()[1].count("errornote"), log_in(password="wrong")[1].count("errornote")}

    assert without == {1}
    assert LoginAttempt.objects.filter(success=False).count() == 2


def change_password(client, old, new="another horse battery"):
    data = {"old_password": old, "new_password1": new, "new_password2": new}
    return client.post("/admin/password_change/", data, REMOTE_ADDR="192.0.2.7")


def test_guesses_of_the_old_password_are_recorded_and_throttled(client, operator):
    client.force_login(operator)
    for _ in range(throttle.FROM_ONE_PLACE):
        assert "old_password" in change_password(client, "wrong").context["form"].errors

    refused = change_password(client, PASSWORD)

    assert REFUSED in str(refused.context["form"].errors)
    operator.refresh_from_db()
    assert operator.check_password(PASSWORD)
    assert LoginAttempt.objects.filter(success=False, user=operator).count() == throttle.FROM_ONE_PLACE


def test_a_password_is_changed_by_whoever_knows_the_old_one(client, operator):
    client.force_login(operator)
    assert client.get("/admin/password_change/").status_code == 200

    assert change_password(client, PASSWORD).url == "/admin/password_change/done/"

    operator.refresh_from_db()
    assert operator.check_password("another horse battery")
    assert client.get("/admin/").status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql  # SQLite takes one writer at a time anyway
def test_of_thirty_attempts_at_once_no_more_than_the_limit_get_through(settings):
    hashed = []

    def attempt(_number):
        try:
            answer = (
                Client()
                .post("/admin/login/", {"username": EMAIL, "password": "wrong"}, REMOTE_ADDR="192.0.2.7")
                .content.decode()
            )
            hashed.append(REFUSED not in answer)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(30) as threads:
        list(threads.map(attempt, range(30)))

    assert len(hashed) == 30
    assert sum(hashed) == throttle.FROM_ONE_PLACE
    assert LoginAttempt.objects.count() == throttle.FROM_ONE_PLACE

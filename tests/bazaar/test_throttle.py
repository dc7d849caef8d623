"""Log-in to the admin: written down, and refused after too many failures."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core import signing
from django.db import connections
from django.test import Client
from django.utils import timezone

from bazaar import devices, throttle
from bazaar.models import LoginAttempt, User
from tests.factories import LoginAttemptFactory

pytestmark = pytest.mark.django_db

EMAIL, PASSWORD = "ops@example.org", "correct horse battery"
REFUSED = "Too many failed attempts."


@pytest.fixture(autouse=True)
def operator():
    return User.objects.create_superuser(EMAIL, PASSWORD)


@pytest.fixture
def log_in(client):
    """Try to log in; whether it worked comes back, and the page."""

    def log_in(email=EMAIL, password=PASSWORD, place="192.0.2.7", **headers):
        response = client.post(
            "/admin/login/", {"username": email, "password": password}, REMOTE_ADDR=place, headers=headers
        )
        return response.status_code == 302, response.content.decode()

    return log_in


def fail(log_in, times, **fields):
    for _ in range(times):
        assert not log_in(**{"password": "wrong", **fields})[0]


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


# Places


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


# Devices


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


# Every check of a password


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


# Odd addresses


ODD = [
    *("x" * length + "@example.org" for length in (242, 243, 300, 308, 320, 10_000)),
    "a@" + "b" * 300 + ".org",
    "İ" * 200 + "@example.org",
    "ann@exẞmple.org",
    "ann@exAmple.Σ",
    "ANN@ꓮꭰᎠ.org",
    "\U0001f600@example.org",
    "\u202eann@example.org",
    "'; DROP TABLE bazaar_user; --",
    "ann@example.org\r\nBcc: b@example.org",
    "=cmd|' /C calc'!A0",
    "%s%n%x",
    "\ud7ff\ue000@example.org",
]


@pytest.mark.parametrize("email", ODD, ids=lambda email: ascii(email)[:30])
def test_no_address_is_an_error(log_in, client, email):
    client.raise_request_exception = False

    is_in, page = log_in(email, "wrong")

    assert not is_in
    assert "errornote" in page
    assert LoginAttempt.objects.count() == 1


def test_an_address_that_nobody_can_have_costs_no_hash(log_in, monkeypatch):
    hashed = []
    monkeypatch.setattr(User, "set_password", lambda *_args: hashed.append(1))
    log_in("nobody@example.org", "wrong")
    assert hashed == [1], "one for an address that somebody could have"

    log_in("x" * 300 + "@example.org", "wrong")

    assert hashed == [1]


def test_attempts_with_odd_addresses_are_throttled_by_place(log_in):
    for number in range(throttle.OF_ONE_PLACE):
        assert not log_in("x" * (300 + number) + "@example.org", "wrong")[0]

    assert REFUSED in log_in()[1]


def test_odd_browsers_are_no_error(log_in):
    for agent in ("", "\x00", "ü\x00" * 999, "\x7f\x80"):
        assert not log_in(password="wrong", **{"User-Agent": agent})[0]

    assert LoginAttempt.objects.count() == 4


# At the same moment


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

"""Log-in to the admin: written down, and refused after too many failures."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bazaar import throttle
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


def test_after_five_failures_not_even_the_right_password_is_let_in(log_in):
    fail(log_in, throttle.FROM_ONE_PLACE - 1)
    assert log_in()[0]
    fail(log_in, 1)

    is_in, page = log_in(email=f"  {EMAIL.upper()} ")

    assert not is_in
    assert REFUSED in page


def test_whoever_is_refused_unseen_does_not_stay_shut_out_by_trying(log_in):
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

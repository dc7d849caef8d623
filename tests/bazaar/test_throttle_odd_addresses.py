"""Log-in attempts with addresses and browsers that nobody expects."""

import pytest

from bazaar import throttle
from bazaar.models import LoginAttempt, User
from tests.bazaar.logging_in import REFUSED

pytestmark = pytest.mark.django_db
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

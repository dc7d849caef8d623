"""The command `logins`: what is locked, and how an operator lets somebody in again."""

import json

import pytest
from django.core.management import CommandError, call_command

from bazaar import throttle
from bazaar.models import LoginAttempt
from tests.bazaar.logging_in import REFUSED, fail
from tests.factories import LoginAttemptFactory, UserFactory

pytestmark = pytest.mark.django_db
ELSEWHERE = "192.0.2.99"


@pytest.fixture
def logins(capsys):
    """Run the command and return its document."""

    def run(*arguments):
        capsys.readouterr()
        call_command("logins", *arguments, "--json")
        return json.loads(capsys.readouterr().out)

    return run


def unlock_by(which, operator):
    return {"user": ["--user", str(operator.pk)], "place": ["--place", "192.0.2.7"], "all": ["--all"]}[which]


@pytest.mark.parametrize("which", ["user", "place", "all"])
def test_who_is_locked_gets_in_after_an_unlock(log_in, logins, operator, which):
    fail(log_in, throttle.FROM_ONE_PLACE)
    assert REFUSED in log_in()[1]

    done = logins("unlock", *unlock_by(which, operator))

    assert done == {"failures": throttle.FROM_ONE_PLACE}
    assert log_in()[0]


@pytest.mark.parametrize("which", ["user", "place"])
def test_the_failures_of_others_go_on_counting(log_in, logins, operator, which):
    other = UserFactory()
    LoginAttemptFactory.create_batch(
        throttle.FROM_ONE_PLACE, success=False, user=other, email=other.email, ip_address=ELSEWHERE
    )

    logins("unlock", *unlock_by(which, operator))

    assert [lock["user"] for lock in logins("list")] == [other.pk]
    assert REFUSED in log_in(email=other.email, place=ELSEWHERE)[1]


def test_the_list_names_accounts_by_id_and_places_by_network(logins, operator, capsys):
    LoginAttemptFactory.create_batch(
        throttle.FROM_ONE_PLACE, success=False, user=operator, email=operator.email, ip_address="2001:db8::7"
    )

    [lock] = logins("list")
    call_command("logins", "list")
    table = capsys.readouterr().out

    assert (lock["user"], lock["place"], lock["failures"]) == (operator.pk, "2001:db8::/64", throttle.FROM_ONE_PLACE)
    assert "2001:db8::/64" in table
    assert str(operator.pk) in table
    assert "1 lock." in table
    assert operator.email not in table


@pytest.mark.parametrize("place", ["2001:db8::7", "2001:db8::/64", "2001:db8:0:0:ffff::1"])
def test_a_place_is_given_as_an_address_or_as_the_list_shows_it(logins, place):
    LoginAttemptFactory(success=False, ip_address="2001:db8::1")
    LoginAttemptFactory(success=False, ip_address="2001:db8:0:1::1")

    assert logins("unlock", "--place", place) == {"failures": 1}
    assert LoginAttempt.objects.count() == 2, "they stay as they were written down"


@pytest.mark.parametrize(
    "wrong", [[], ["--all", "--user", "1"], ["--place", "nowhere"], ["--user", "ann"], ["--user", "-1"]]
)
def test_wrong_usage_lifts_nothing(logins, wrong):
    LoginAttemptFactory(success=False)

    with pytest.raises((CommandError, SystemExit)):
        logins("unlock", *wrong)

    assert throttle.failures().count() == 1

"""What is left of persons who were erased, and how `personal_data verify` says it."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from bazaar.deletion_errors import UnknownUser
from bazaar.erasure import Finding, verify
from tests.factories import PushTokenFactory, SessionFactory, UserFactory

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def test_verify_names_what_is_left_of_whom(erase_user):
    clean, user = UserFactory(), UserFactory()
    for person in (clean, user):
        erase_user(person)
    assert verify() == []
    tokens = [PushTokenFactory(user=user) for _ in range(2)]

    expected = [
        Finding(
            user.pk, "bazaar.PushToken", ("user", "token", "platform", "last_used_at"), 2, tuple(t.pk for t in tokens)
        )
    ]
    assert verify() == expected
    assert verify(user.pk) == expected
    assert verify(clean.pk) == []


def test_verify_of_a_live_user_says_what_an_erasure_would_find():
    user = UserFactory()
    PushTokenFactory(user=user)

    assert [finding.model for finding in verify(user.pk)] == ["bazaar.PushToken", "bazaar.User"]


def test_verify_looks_at_the_anonymised_who_made_no_request():
    user = UserFactory(anonymized_at=NOW)

    assert {finding.user_id for finding in verify()} == {user.pk}


def test_verify_of_nobody_does_not_say_that_nothing_is_left():
    with pytest.raises(UnknownUser):
        verify(404)


def run_verify(*arguments):
    output = StringIO()
    status = 0
    try:
        call_command("personal_data", "verify", *arguments, stdout=output, stderr=StringIO())
    except SystemExit as end:
        status = end.code
    return status, output.getvalue()


def test_verify_command_tells_by_its_exit_status(erase_user):
    user = UserFactory()
    erase_user(user)
    assert run_verify() == (0, "Nothing is left.\n")
    session = SessionFactory(user=user)

    status, output = run_verify("--user", str(user.pk))

    assert status == 1
    assert output.splitlines() == [
        f"User {user.pk}: 1 of bazaar.Session (user, session_key, session_data)",
        "Something is left.",
    ]
    assert session.session_key not in output


def test_verify_command_prints_json(erase_user):
    user = UserFactory()
    erase_user(user)
    PushTokenFactory(user=user)

    status, output = run_verify("--json")

    assert status == 1
    assert [(finding["user_id"], finding["count"]) for finding in json.loads(output)] == [(user.pk, 1)]


def test_verify_command_of_nobody_is_wrong_usage():
    with transaction.atomic():
        assert run_verify("--user", "404")[0] == 2

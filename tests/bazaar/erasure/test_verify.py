"""What is left of persons who were erased, and how `personal_data verify` says it."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import JSONField, Value
from django.utils import timezone
from django_q.models import OrmQ, Task

from bazaar.deletion_errors import UnknownUser
from bazaar.erasure import Finding, erase, verify
from bazaar.models import DeletionRequest, Session
from tests.bazaar.erasure.rows import vanish
from tests.factories import AuditLogFactory, NotificationFactory, PushTokenFactory, SessionFactory, UserFactory

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


# Never a traceback


ODD_IDS = [
    "0",
    "-1",
    "9223372036854775807",
    "9223372036854775808",
    "9" * 40,
    "abc",
    "1.5",
    "",
    " ",
    "\u0661",
    "nan",
    "1e3",
]
ODD_ADDRESSES = [
    "",
    "@",
    "ann",
    "ann@",
    "@example.org",
    "ann@example.org\n",
    "x" * 5_000 + "@example.org",
    "%s%%",
    "a@[::1",
]


def problem(*arguments):
    """Return the exit status of verify, and what it complains of; an exception would be a traceback."""
    errors = StringIO()
    try:
        call_command("personal_data", "verify", *arguments, stdout=StringIO(), stderr=errors)
    except SystemExit as end:
        return end.code, errors.getvalue()
    except CommandError as error:
        return error.returncode, str(error)
    return 0, errors.getvalue()


@pytest.mark.parametrize("user_id", ODD_IDS)
def test_an_odd_id_is_wrong_usage_in_one_sentence(user_id):
    status, said = problem("--user", user_id)

    assert status in {1, 2}
    assert said.strip()
    assert "Traceback" not in said


@pytest.mark.parametrize("address", ODD_ADDRESSES)
def test_an_odd_address_finds_nothing(erase_user, address):
    user = UserFactory()
    erase_user(user)

    assert problem("--user", str(user.pk), "--address", address)[0] == 0


@pytest.mark.parametrize(
    "evidence",
    [[], "text", 5, None, {}, {"mode": []}, {"mode": "delete"}, {"public_id": 5}, {"public_id": {"a": 1}},
     {"public_id": "not one", "mode": "anonymise"}, {"public_id": None, "mode": None}],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("anonymize", [True, False])
def test_evidence_of_any_form_is_read(erase_user, evidence, anonymize):
    user_id = (user := UserFactory()).pk
    erase_user(user, anonymize=anonymize)
    DeletionRequest.objects.update(evidence=Value(evidence, JSONField()))

    assert problem("--user", str(user_id))[0] in {0, 1, 2}
    assert problem()[0] in {0, 1}


UNREADABLE = {
    "a session": lambda _: Session.objects.create(
        session_key="a" * 32, session_data=".\u00e9:%", expire_date=NOW + timedelta(days=1)
    ),
    "a payload": lambda _: OrmQ.objects.create(key="x", payload="not:a:package\u0141", lock=NOW),
    "a pickle": lambda _: raw_task("gAR9lIwBYZRzLg=="),
    "no pickle": lambda _: raw_task("%%%"),
    "deep JSON": lambda user: AuditLogFactory(user=user, metadata=deep(400)),
    "odd JSON": lambda user: AuditLogFactory(user=user, metadata=[None, 1e308, {"": {"": []}}, "\\u0040\\ud800"]),
    "a scalar": lambda user: AuditLogFactory(user=user, metadata=7),
    "no JSON object": lambda user: NotificationFactory(user=user, data=["ann"]),
}


def deep(levels):
    value = "ann@example.org"
    for _ in range(levels):
        value = {"a": [value]}
    return value


def raw_task(packed):
    Task.objects.create(id="1", name="t", func="f", started=NOW, stopped=NOW)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE django_q_task SET args = %s, result = %s", [packed, packed])


@pytest.mark.parametrize("row", UNREADABLE)
@pytest.mark.parametrize("is_erased", [True, False])
def test_a_row_that_cannot_be_read_ends_nothing(erase_user, row, is_erased):
    user = UserFactory(email="ann@example.org", name="Ann")
    if is_erased:
        erase_user(user)
    UNREADABLE[row](user)

    assert problem("--user", str(user.pk), "--address", "ann@example.org")[0] in {0, 1}
    assert problem()[0] in {0, 1}


def test_an_account_that_vanished_is_told(request_deletion):
    user = UserFactory()
    user_id, request = user.pk, request_deletion(user)
    vanish(user)
    with transaction.atomic():
        erase(request.pk, NOW + timedelta(days=99))

    status, said = problem("--user", str(user_id))

    assert status == 0
    assert f"cannot be proven: user {user_id}" in said


def test_a_deleted_account_is_looked_for_by_the_public_id_of_its_evidence(erase_user):
    user = UserFactory()
    user_id, public_id = user.pk, user.public_id
    erase_user(user, anonymize=False)
    log = AuditLogFactory(user=None, resource_type="UserProfile", resource_id=str(public_id))

    assert {(finding.model, finding.ids) for finding in verify(user_id)} == {("bazaar.AuditLog", (log.pk,))}


def test_a_live_account_is_looked_for_by_its_addresses_and_names():
    user = UserFactory(email="ann@example.org", name="Ann Böhm")
    user.change_email("later@example.org")
    former = NotificationFactory(body="from ann%40example.org")
    own = AuditLogFactory(user=user, metadata={"text": "BÖHM, Ann"}, ip_address=None, user_agent=None)

    found = {(finding.model, key) for finding in verify(user.pk) for key in finding.ids}

    assert {("bazaar.Notification", former.pk), ("bazaar.AuditLog", own.pk)} <= found

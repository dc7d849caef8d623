"""`manage.py deletions`."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from bazaar.deletion_errors import (
    LastSuperuser,
    NotPending,
)
from bazaar.deletion_requests import make_request
from bazaar.models import DeletionRequest
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def run(*arguments):
    """Run the command; return its exit status and what it said."""
    output = StringIO()
    try:
        call_command("deletions", *map(str, arguments), stdout=output, stderr=output)
    except SystemExit as end:
        return end.code, output.getvalue().removesuffix("\n")
    return 0, output.getvalue()


def test_request_command_asks_for_a_deletion(settings):
    user = UserFactory()

    status, output = run("request", user.pk)

    request = DeletionRequest.objects.get()
    assert status == 0
    assert output == f"Deletion request {request.pk}: user {user.pk} goes after {request.scheduled_for:%F %H:%M} UTC.\n"
    assert request.anonymize_contributions


def test_request_command_can_ask_for_everything():
    user = UserFactory()

    _, output = run("request", user.pk, "--full", "--json")

    assert json.loads(output)["mode"] == "delete"
    assert not DeletionRequest.objects.get().anonymize_contributions


def test_request_command_refuses_with_one_sentence():
    admin = UserFactory(is_superuser=True, is_staff=True)

    assert run("request", admin.pk) == (1, LastSuperuser.message)
    assert run("request", 404) == (2, "There is no user 404.")


def test_request_command_says_how_it_came_in_and_who_verified_it():
    user, staff = UserFactory(), UserFactory(is_staff=True)

    _, output = run("request", user.pk, "--channel", "letter", "--verified-by", staff.pk, "--json")

    document = json.loads(output)
    assert (document["channel"], document["verified_by"], document["is_awaiting_approval"]) == (
        "letter",
        staff.pk,
        False,
    )
    _, output = run("show", document["id"])
    facts = dict(line.split("  ", 1) for line in output.splitlines()[1:])
    assert (facts["Came in"].strip(), facts["Verified by"].strip()) == ("By letter", f"user {staff.pk}")


@pytest.mark.parametrize("fields", [{}, {"is_staff": True, "is_active": False}])
def test_request_command_lets_only_staff_verify(fields):
    user, nobody = UserFactory(), UserFactory(**fields)

    refusal = (2, f"There is no member of staff {nobody.pk}.")
    assert run("request", user.pk, "--verified-by", nobody.pk) == refusal
    assert not DeletionRequest.objects.exists()


def test_request_command_says_that_a_second_person_has_to_approve():
    staff = UserFactory(is_staff=True)

    _, output = run("request", staff.pk)

    assert output.endswith("UTC, once a second person has approved it in the admin.\n")
    request = DeletionRequest.objects.get()
    assert request.is_awaiting_approval
    assert "waits for approval" in run("show", request.pk)[1]
    assert json.loads(run("show", request.pk, "--json")[1])["is_awaiting_approval"]


def test_list_command_lists_open_requests_in_order_of_their_date():
    late, soon = make_request(UserFactory()), make_request(UserFactory(), now=NOW - timedelta(days=3))
    done = make_request(UserFactory())
    DeletionRequest.objects.filter(pk=done.pk).update(status="completed")

    _, output = run("list")
    heading, *rows, _, total = output.splitlines()
    assert heading.split()[:4] == ["Request", "User", "Mode", "Status"]
    assert [row.split()[:3] for row in rows] == [[str(one.pk), str(one.user_pk), "anonymise"] for one in (soon, late)]
    assert f"{soon.scheduled_for:%Y-%m-%d %H:%M} UTC" in rows[0]
    assert total == "2 pending deletion requests."
    _, output = run("list", "--status", "completed", "--json")
    assert [row["id"] for row in json.loads(output)] == [done.pk]


def test_show_command_shows_the_evidence():
    user = UserFactory()
    request = make_request(user)

    _, output = run("show", request.pk)
    facts = dict(line.split("  ", 1) for line in output.splitlines()[1:])
    assert facts["User"].strip() == str(user.pk)
    assert facts["Public id"].strip() == str(user.public_id)
    assert "{" not in output
    _, output = run("show", request.pk, "--json")
    assert json.loads(output)["evidence"] == {"public_id": str(user.public_id)}
    assert run("show", 404) == (2, "There is no deletion request 404.")


def test_cancel_command_cancels_once():
    user = UserFactory()
    request = make_request(user)

    status, output = run("cancel", request.pk, "--reason", "changed_mind")
    assert (status, output) == (0, f"Cancelled deletion request {request.pk}; user {user.pk} stays.\n")
    assert run("cancel", request.pk, "--reason", "changed_mind") == (1, NotPending.message)
    assert run("cancel", 404, "--reason", "changed_mind")[0] == 2


@pytest.mark.parametrize(
    "arguments", [(), ("request",), ("request", "ann@example.org"), ("request", 2**64), ("cancel", 1), ("show", "-1")]
)
def test_wrong_usage_is_refused(arguments):
    with pytest.raises(CommandError, match=r"^Error: "):
        call_command("deletions", *map(str, arguments))


def test_the_command_names_persons_by_id_only():
    user = UserFactory(name="Ann Smith")
    outputs = [run("request", user.pk)[1], run("list")[1], run("request", user.pk)[1]]
    request = DeletionRequest.objects.get()
    outputs += [run("show", request.pk)[1], run("cancel", request.pk, "--reason", "by_mistake", "--json")[1]]

    assert all(outputs)
    assert not any(word in output for output in outputs for word in (user.email, user.name))

"""`manage.py personal_data`: the inventory in its forms, what is left of a person, and the keys of metadata."""

import json
from functools import partial

import pytest

from bazaar.access.record import COLUMNS, NOT_SEARCHED, record_of_processing
from bazaar.erasure import collect
from bazaar.management.commands.personal_data import _share
from tests.factories import AuditLogFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(run_command):
    return partial(run_command, "personal_data")


def test_every_form_of_the_inventory_has_every_field(run):
    rows = record_of_processing(collect())
    text, markdown = run()[0], run("--format", "markdown")[0]

    assert json.loads(run("--json")[0]) == json.loads(run("--format", "json")[0]) == rows
    assert markdown.splitlines()[0] == f"| {' | '.join(COLUMNS)} |"
    assert len(markdown.splitlines()) == 2 + len(rows) + 1 + 2 + len(NOT_SEARCHED)
    assert [row["field"] for row in rows if f"  {row['field']} " not in text] == []


def test_nothing_is_left_where_nobody_was_erased(run):
    assert run("verify") == ("Nothing is left.\n", "")
    assert json.loads(run("verify", "--json")[0]) == []


def test_what_is_left_of_a_person_is_told_without_the_address(run):
    user = UserFactory(email="ann@example.org")

    out, err = run("verify", "--user", str(user.pk), status=1)

    assert out.endswith("Something is left.\n")
    assert f"User {user.pk}: " in out
    assert "ann@example.org" not in out + err
    assert json.loads(run("verify", "--user", str(user.pk), "--json", status=1)[0])


@pytest.mark.parametrize(
    "arguments",
    [["--address", "ann@example.org"], ["--user", "404"], ["--user", "404", "--address", "ann@example.org"]],
)
def test_without_a_user_that_exists_nothing_is_searched(run, arguments):
    out, err = run("verify", *arguments, status=2)

    assert out == ""
    assert err.count("\n") == 1
    assert "ann@example.org" not in err


def test_the_keys_of_metadata_are_told_with_what_each_policy_does(run):
    for address in ("ann@example.org", "ben@example.org"):
        AuditLogFactory(action="unheard.of", metadata={"email": address, "status": "x"})

    out = run("metadata")[0]

    lines = {line.split()[1]: line.split() for line in out.splitlines() if line.startswith("unheard.of")}
    assert lines["email"] == ["unheard.of", "email", "2", "removes", "removes"]
    assert lines["status"] == ["unheard.of", "status", "2", "keeps", "removes"]
    assert "example.org" not in out


def test_a_sample_is_of_the_newest_logs(run):
    AuditLogFactory(action="older.log", metadata={"a": 1})
    AuditLogFactory(action="newer.log", metadata={"b": 1})

    assert [row["action"] for row in json.loads(run("metadata", "--sample", "1", "--json")[0])] == ["newer.log"]


@pytest.mark.parametrize(("touched", "seen", "words"), [(0, 5, "keeps"), (5, 5, "removes"), (2, 5, "2 removed")])
def test_a_policy_keeps_all_or_some_or_none(touched, seen, words):
    assert _share(touched, seen) == words

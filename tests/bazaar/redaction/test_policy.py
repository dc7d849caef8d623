"""The allow-list, the checks of both policies, and the sample that lets somebody choose between them."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.utils import timezone

from bazaar import audit, redaction
from bazaar.audit_actions import ACTIONS
from bazaar.models import AuditLog
from bazaar.redaction.allow_list import BOOLEAN, FILE_TYPE, ID, NUMBER, VERSION, Choice, Each, keep
from bazaar.redaction.check import written_actions
from tests.bazaar.redaction.memory import forget

OLD = timezone.now() - timedelta(days=800)


def messages(settings):
    return [message.id for message in run_checks() if message.id in {"bazaar.E020", "bazaar.W020"}]


@pytest.mark.parametrize(
    ("kind", "kept", "gone"),
    [
        (NUMBER, [0, 1.5], [True, "1", None]),
        (BOOLEAN, [True, False], [0, "true"]),
        (Choice("a", "b"), ["a"], ["c", 1]),
        (ID, [7, "7", "9f1c2d3e-0000-4000-8000-000000000000"], ["Ann", "ann@example.org", True]),
        (VERSION, ["1.2.3", "v5", "1.2.3.4-rc.1"], ["Ann", "1.2.3.4.5"]),
        (FILE_TYPE, ["image/png", "png", ".tar"], ["ann.png", "Ann"]),
        (Each(NUMBER), [[1, 2], {"a": 1}], [1, "a"]),
    ],
)
def test_each_kind_keeps_its_values_and_nothing_else(kind, kept, gone):
    for value in kept:
        document = {"key": value}
        assert keep(document, {"key": kind}) is document
    for value in gone:
        assert keep({"key": value, "other": 1}, {"key": kind}) == {}


def test_what_is_not_named_goes_at_every_depth():
    table = {"changes": {"status": Each(Choice("building", "launched"))}, "n": NUMBER}
    document = {"changes": {"status": ["building", "Ann"], "title": [1]}, "n": 1, "note": "x", "Ann": 2}

    assert keep(document, table) == {"changes": {"status": ["building"]}, "n": 1}
    assert keep([1], table) == {}
    assert keep({"counts": {"a": 1, "Ann Example": 2}}, {"counts": Each(NUMBER)}) == {"counts": {"a": 1}}


@pytest.mark.django_db
def test_the_allow_list_keeps_what_the_table_says_and_of_unknown_actions_nothing(settings):
    settings.AUDIT_METADATA = "allow-list"
    known = AuditLog.objects.create(
        action="project.updated", resource_type="project", resource_id="7",
        metadata={"rename_count": 3, "title": "Zeppelin"}, created_at=OLD,
    )  # fmt: skip
    unknown = AuditLog.objects.create(
        action="x.done", resource_type="project", resource_id="7", metadata={"n": 1}, created_at=OLD
    )

    audit.anonymise(audit.unexamined())

    known.refresh_from_db()
    unknown.refresh_from_db()
    assert (known.metadata, known.resource_id) == ({"rename_count": 3}, "7")
    assert (unknown.metadata, unknown.resource_type, unknown.resource_id) == ({}, "", None)
    assert unknown.action == "x.done"
    assert not audit.unexamined().exists()


@pytest.mark.django_db
def test_a_change_of_policy_examines_logs_again(settings):
    log = AuditLog.objects.create(action="x.done", metadata={"n": 1}, created_at=OLD)
    audit.anonymise(audit.unexamined())
    assert not audit.unexamined().exists()

    settings.AUDIT_METADATA = "allow-list"
    assert audit.unexamined().get() == log
    audit.anonymise(audit.unexamined())

    assert not audit.unexamined().exists()


@pytest.mark.django_db
def test_a_document_that_cannot_be_read_keeps_nothing(settings):
    settings.AUDIT_METADATA = "allow-list"

    assert audit.policy.current().clean_json("user.login", "{") == redaction.UNREADABLE
    assert audit.policy.current().clean_json("user.login", redaction.UNREADABLE) in {None, "{}"}


def test_the_checks_name_a_policy_that_does_not_exist_and_actions_that_are_missing(settings, monkeypatch):
    assert messages(settings) == []
    settings.AUDIT_METADATA = "all"
    assert messages(settings) == ["bazaar.E020"]
    settings.AUDIT_METADATA = "allow-list"
    assert messages(settings) == []
    monkeypatch.delitem(ACTIONS, "account.erased")
    assert messages(settings) == ["bazaar.W020"]


def test_the_actions_that_the_program_writes_are_found_in_its_sources():
    assert {"account.erased", "deletion.requested", "deletion.cancelled", "maintenance.run"} <= written_actions()
    assert written_actions() <= ACTIONS.keys()


def sample(*options):
    out = StringIO()
    call_command("personal_data", "metadata", *options, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_the_sample_tells_keys_and_what_becomes_of_them_but_no_values():
    for number in range(3):
        metadata = {
            "email": f"ann{number}@example.org",
            "rename_count": number,
            "note": ["plain", "to ann@example.org"],
        }
        AuditLog.objects.create(action="project.updated", metadata=metadata | {"Ann Example": {"a": 1}})

    rows = {row["key"]: row for row in json.loads(sample("--json"))}

    assert rows["email"] == {"action": "project.updated", "key": "email", "seen": 3, "sanitise": 3, "allow-list": 3}
    assert (rows["rename_count"]["sanitise"], rows["rename_count"]["allow-list"]) == (0, 0)
    assert (rows["note[]"]["seen"], rows["note[]"]["sanitise"], rows["note[]"]["allow-list"]) == (6, 3, 6)
    assert "*.a" in rows
    text = sample()
    assert "ann" not in text.lower().replace("project.updated", "")
    assert "3 removed" in text
    assert len(json.loads(sample("--sample", "1", "--json"))) == 4


def test_a_site_adds_words_of_its_own_language(settings):
    forget()
    assert redaction.clean({"vorname": "x", "kundeTelefon": "y"}) == {"vorname": "x", "kundeTelefon": "y"}
    settings.AUDIT_PERSONAL_WORDS = ["Vorname", "telefon"]
    forget()

    assert redaction.clean({"vorname": "x", "kundeTelefon": "y", "plan": 1}) == {"plan": 1}
    forget()

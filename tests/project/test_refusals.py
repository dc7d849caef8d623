"""Every command, where it refuses: one JSON document with a code, or a sentence."""

import pytest
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from maintenance.scheduling import controls
from tests.factories import UserFactory
from tests.project.printed import ALL, JOB, NASTY, arguments_of, assert_document, assert_text, each

pytestmark = pytest.mark.django_db
WITHOUT_DATABASE = {"cron", "personal_data"}


@each
def test_wrong_usage_is_refused_in_both_forms(invocation, people, manage):
    arguments = arguments_of(invocation, people)
    option = f"--{NASTY.replace(' ', '_')}"

    ended = manage(invocation, *arguments, "--json", option)
    assert ended.error["code"] == "wrong-usage"
    assert_document(invocation, ended)
    assert ended.status == 2

    ended = manage(invocation, *arguments, option)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith("usage: ")
    assert_text(invocation, ended)


def unreachable(monkeypatch):
    def refuse():
        raise OperationalError("ann@example.org")

    monkeypatch.setattr(connection, "ensure_connection", refuse)


def not_migrated(monkeypatch):
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *_args: [1, 2])


@each
@pytest.mark.parametrize("fault", [unreachable, not_migrated])
def test_a_database_that_is_not_ready_is_told_with_78(invocation, fault, people, manage):
    expected = 0 if invocation.schema in WITHOUT_DATABASE else 1 if invocation.schema == "doctor" else 78
    for json_option, check in ((["--json"], assert_document), ([], assert_text)):
        with pytest.MonkeyPatch.context() as patch:
            fault(patch)
            patch.setattr(connection, "close", lambda: None)  # the test's own transaction
            ended = manage(invocation, *arguments_of(invocation, people), *json_option)

        assert ended.status == expected
        assert "ann@" not in ended.out + ended.err
        check(invocation, ended)


REFUSALS = {
    "job": ("jobs.run", ["nope"], 2, "unknown-job"),
    "job to enable": ("jobs.enable", ["nope"], 2, "unknown-job"),
    "job to disable": ("jobs.disable", [NASTY], 2, "unknown-job"),
    "history": ("jobs.history", ["nope"], 2, "unknown-job"),
    "schedule of nobody": ("jobs.schedule", ["nope", "0 1 * * *"], 2, "unknown-job"),
    "schedule": ("jobs.schedule", [JOB, "0 25 * * *"], 2, "invalid-cron"),
    "no quotes": ("jobs.schedule", [JOB, "30", "2", "*", "*", "*"], 2, "wrong-usage"),
    "no quotes, files": ("jobs.schedule", [JOB, "30", "2", "a", "b", "a", "b", "a", "b"], 2, "wrong-usage"),
    "expression": ("cron", ["nonsense"], 2, "invalid-cron"),
    "blank expression": ("cron", [""], 2, "invalid-cron"),
    "nasty expression": ("cron", [NASTY], 2, "invalid-cron"),
    "expression without quotes": ("cron", ["30", "2", "*", "*", "*"], 2, "wrong-usage"),
    "long reason": ("jobs.pause", ["--reason", "x" * 201], 2, "wrong-usage"),
    "reason that is no text": ("jobs.pause", ["--reason", "\udcff"], 2, "wrong-usage"),
    "job to pause": ("jobs.pause", ["nope"], 2, "unknown-job"),
    "job to resume": ("jobs.resume", ["nope"], 2, "unknown-job"),
    "length of a pause": ("jobs.pause", ["--for", "soon"], 2, "invalid-pause"),
    "endless length of a pause": ("jobs.pause", ["--for", "9999999d"], 2, "invalid-pause"),
    "end of a pause": ("jobs.pause", ["--until", "25:00"], 2, "invalid-pause"),
    "nasty end of a pause": ("jobs.pause", ["--until", NASTY], 2, "invalid-pause"),
    "past end of a pause": ("jobs.pause", ["--until", "2020-01-01 06:00"], 2, "invalid-pause"),
    "two ends of a pause": ("jobs.pause", ["--for", "2h", "--until", "06:00"], 2, "invalid-pause"),
    "nobody who pauses": ("jobs.pause", ["--by", "404"], 2, "wrong-usage"),
    "nasty id of who pauses": ("jobs.pause", ["--by", NASTY], 2, "wrong-usage"),
    "large id of who pauses": ("jobs.pause", ["--by", "9" * 30], 2, "wrong-usage"),
    "assumed setting": ("retention", ["--what-if", f"{NASTY}=1"], 2, "invalid-assumption"),
    "assumed value": ("retention", ["--what-if", f"RUN_HISTORY_RETENTION_DAYS={NASTY}"], 2, "invalid-assumption"),
    "assumption": ("retention", ["--what-if", NASTY], 2, "wrong-usage"),
    "limit": ("jobs.history", [JOB, "--limit", "0"], 2, "wrong-usage"),
    "large limit": ("jobs.history", [JOB, "--limit", "9" * 30], 2, "wrong-usage"),
    "large id": ("personal_data.verify", ["--user", "9" * 30], 2, "wrong-usage"),
    "largest id": ("deletions.request", [2**63 - 1], 2, "unknown-user"),
    "user": ("deletions.request", ["404"], 2, "unknown-user"),
    "user that is no id": ("deletions.request", ["ann@example.org"], 2, "wrong-usage"),
    "hold": ("holds.release", ["404"], 2, "unknown-legal-hold"),
    "user to hold": ("holds.set", ["404", "--reason", "authority", "--review", "2999-12-31"], 2, "unknown-user"),
    "review": ("holds.set", ["404", "--reason", "authority", "--review", NASTY], 2, "wrong-usage"),
    "request": ("deletions.show", ["404"], 2, "unknown-deletion-request"),
    "request to cancel": ("deletions.cancel", ["404", "--reason", "changed_mind"], 2, "unknown-deletion-request"),
    "reason": ("deletions.cancel", ["1", "--reason", NASTY], 2, "wrong-usage"),
    "erased": ("personal_data.verify", ["--user", "404"], 2, "unknown-user"),
}


@pytest.mark.parametrize(("schema", "arguments", "status", "code"), REFUSALS.values(), ids=REFUSALS)
def test_what_does_not_exist_is_refused(schema, arguments, status, code, manage):
    [invocation] = [one for one in ALL if one.schema == schema]

    ended = manage(invocation, *arguments, "--json")
    assert (ended.status, ended.error["code"]) == (status, code)
    assert_document(invocation, ended)

    ended = manage(invocation, *arguments)
    assert (ended.status, ended.out) == (status, "")
    assert_text(invocation, ended)


def test_a_deletion_that_is_refused_says_why(manage):
    [request] = [one for one in ALL if one.schema == "deletions.request"]
    admin = UserFactory(is_superuser=True, is_staff=True)

    ended = manage(request, admin.pk, "--json")

    assert (ended.status, ended.error["code"]) == (1, "last-superuser")
    assert_document(request, ended)


@pytest.mark.parametrize("invocation", [one for one in ALL if one.is_job or one.schema == "jobs.run"], ids=str)
def test_a_run_that_is_skipped_or_not_configured_is_told(invocation, people, manage, settings):
    arguments = arguments_of(invocation, people)
    controls.pause(reason=NASTY)
    ended = manage(invocation, *arguments, "--json")
    assert (ended.status, ended.error["code"], ended.document["status"]) == (75, "skipped", "skipped")
    assert_document(invocation, ended)
    ended = manage(invocation, *arguments)
    assert ended.status == 75
    assert_text(invocation, ended)

    controls.resume()
    settings.MAINTENANCE_LEASE_SECONDS = 0
    ended = manage(invocation, *arguments, "--json")
    assert (ended.status, ended.error["code"], set(ended.document)) == (78, "not-ready", {"error"})
    assert_document(invocation, ended)


@each
def test_a_fault_of_the_program_is_one_document_without_its_text(invocation, people, manage, monkeypatch):
    def fail(*_args, **_options):
        raise KeyError("ann@example.org")

    monkeypatch.setattr(type(invocation.load()), "handle", fail)

    ended = manage(invocation, *arguments_of(invocation, people), "--json")

    assert (ended.status, ended.error["code"]) == (1, "unexpected-error")
    assert "ann@" not in ended.out
    assert_document(invocation, ended)

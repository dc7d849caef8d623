"""Every command, in both forms of output: one valid JSON document, or lines that fit and act on no terminal."""

import json
import re
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.db.migrations.executor import MigrationExecutor

from bazaar.holds.service import set_hold
from bazaar.models import DeletionRequest, PushToken
from maintenance.cli import tables
from maintenance.core import registry
from maintenance.engine.results import EXIT_STATUS
from maintenance.engine.runner import run_now
from maintenance.health.check_result import Level
from maintenance.models import JobRun, Pause
from maintenance.scheduling import controls
from tests.factories import PushTokenFactory, UserFactory
from tests.project.json_documents import FOLDER, SCHEMAS, invocations

pytestmark = pytest.mark.django_db

ALL = invocations()
JOB = "cleanup-push-tokens"
NASTY = "evil\x1b[2J\x07\n2026-01-01 FORGED \x9b31m\u202etxt.exe\u2066"
ACTS_ON_A_TERMINAL = re.compile(r"[^\n -~\u00a1-\u200d\u2010-\u2027\u2030-\u205f\u2070-\ud7ff]")
NOT_FOR_PEOPLE = re.compile(r"\{'|\['|datetime\.|timedelta|<\w+ object|\d\d:\d\d:\d\d\.\d|None\b")
OF_PEOPLE = {
    "deletions.request",
    "deletions.show",
    "deletions.cancel",
    "deletions.certificate",
    "personal_data.export",
    "holds.set",
    "holds.release",
    "logins.unlock",
}
REPORTS = {"doctor", "personal_data.verify"}
"""Whose exit status 1 is about what they found."""
FOR_PROGRAMS = {"personal_data.export"}
"""What prints a document whatever was asked for."""
WITHOUT_DATABASE = {"cron", "personal_data"}
DEFINITIONS = SCHEMAS["definitions"]["$defs"]
each = pytest.mark.parametrize("invocation", ALL, ids=str)


class Ended:
    """How a command ended, and what it wrote."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    @property
    def document(self):
        return json.loads(self.out)

    @property
    def error(self):
        return self.document["error"]


@pytest.fixture
def manage(capsys, monkeypatch):
    """Call a command as `manage.py` does, in this process."""
    monkeypatch.setattr(connections, "close_all", lambda: None)  # the test's own transaction
    monkeypatch.setattr(tables, "UNBROKEN", 80)

    def manage(invocation, *arguments):
        capsys.readouterr()
        status = 0
        try:
            invocation.load().run_from_argv(["manage.py", *invocation.path, *map(str, arguments)])
        except SystemExit as end:
            status = end.code or 0
        return Ended(status, *capsys.readouterr())

    return manage


@pytest.fixture
def people():
    """Whom a request can be made for, and a request that can be cancelled; nobody yet."""
    return {"user": 404, "request": 404, "hold": 404, "completed": 404}


@pytest.fixture
def used(people):
    """A database on which all jobs have run, with a run of every status, and a pause for a nasty reason before."""
    old = datetime(2020, 1, 1, tzinfo=UTC)
    gone, leaving, staying = UserFactory.create_batch(3)
    PushTokenFactory.create_batch(2, last_used_at=old, user=staying)
    DeletionRequest.objects.request(gone, now=old)
    people["request"] = DeletionRequest.objects.request(leaving, anonymize=False).pk
    people["user"] = staying.pk
    assert PushToken.objects.exists()
    for job in registry.all_jobs():
        assert run_now(job.name).success
        assert run_now(job.name, dry_run=True).success
    assert not PushToken.objects.exists()
    assert DeletionRequest.objects.filter(status="completed").exists()
    people["completed"] = DeletionRequest.objects.get(status="completed").pk
    people["hold"] = set_hold(UserFactory(), reason="legal_claim", review_on=date(2999, 1, 1)).pk
    error = {"error": "builtins.KeyError", "sqlstate": None, "constraint": None, "frames": []}
    for number, status in enumerate(JobRun.Status):
        details = {"counts": {}, "errors": [{"id": 1, "error": NASTY}]}
        values = {"job": JOB, "trigger": "schedule", "status": status, "message": NASTY, "details": details}
        started = {} if status in {"queued", "missed", "skipped"} else {"started_at": old}
        ended = {} if status in {"queued", "running"} else {"finished_at": old + timedelta(seconds=3), "error": error}
        JobRun.objects.create(**values, **started, **ended, slot=old + timedelta(days=number), dry_run=False)


def arguments_of(invocation, people):
    by_schema = {
        "cron": ["30 4 * * *"],
        "jobs.run": [JOB],
        "jobs.enable": [JOB],
        "jobs.disable": [JOB],
        "jobs.schedule": [JOB, "15 4 * * *"],
        "jobs.history": [JOB],
        "deletions.request": [people["user"]],
        "deletions.show": [people["request"]],
        "deletions.certificate": [people["completed"]],
        "personal_data.export": [people["user"]],
        "deletions.find": ["nobody@example.org"],
        "holds.set": [people["user"], "--reason", "authority", "--review", "2999-12-31"],
        "holds.release": [people["hold"]],
        "deletions.cancel": [people["request"], "--reason", "changed_mind"],
        "logins.unlock": ["--user", people["user"]],
    }
    return by_schema.get(invocation.schema, [])


def assert_document(invocation, ended):
    """One document on standard output, of the command's schema, with an error where nothing was done."""
    invocation.validate(ended.document)
    has_error = isinstance(ended.document, dict) and "error" in ended.document
    assert has_error == bool(ended.status) or (invocation.schema in REPORTS and ended.status == 1)
    if has_error:
        assert ended.error["exit_status"] == ended.status
        assert f"`{ended.error['code']}`" in (FOLDER / "README.md").read_text()


def assert_text(invocation, ended):
    """Lines of at most 80 columns that are made for people, and act on no terminal."""
    said = ended.out + ended.err
    assert said
    assert not ACTS_ON_A_TERMINAL.search(said)
    if invocation.schema in FOR_PROGRAMS and not ended.status:
        return
    assert not NOT_FOR_PEOPLE.search(said)
    assert max(map(len, ended.out.splitlines()), default=0) <= 80
    assert not re.search(r"^2026-01-01 FORGED", said, flags=re.MULTILINE)


def assert_both_forms(invocation, people, manage, allowed):
    for json_option, check in ((["--json"], assert_document), ([], assert_text)):
        with nullcontext() if invocation.is_job or invocation.schema == "jobs.run" else taken_back():
            ended = manage(invocation, *arguments_of(invocation, people), *json_option)
        assert ended.status in allowed | ({1} if invocation.schema in REPORTS else set()), ended.err
        check(invocation, ended)


@contextmanager
def taken_back():
    """Let what a command changes be as it was; a run of a job is a transaction that cannot be a part of another."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@each
def test_every_command_prints_both_forms_on_an_empty_database(invocation, people, manage):
    assert_both_forms(invocation, people, manage, {2} if invocation.schema in OF_PEOPLE else {0})


def test_every_command_prints_both_forms_when_all_jobs_have_run(used, people, manage, subtests):
    JobRun.objects.filter(status__in=["running", "queued"]).update(status="crashed")
    for invocation in ALL:
        with subtests.test(str(invocation)):
            assert_both_forms(invocation, people, manage, {0})


def test_the_read_side_shows_a_run_of_every_status(used, people, manage, subtests):
    Pause.objects.create(reason=NASTY)
    for invocation in ALL:
        if invocation.schema in {"jobs", "jobs.list", "jobs.history", "doctor", "retention"}:
            with subtests.test(str(invocation)):
                assert_both_forms(invocation, people, manage, {0})
    [jobs] = [one for one in ALL if one.schema == "jobs"]
    assert r"evil\x1b[2J\x07\n2026-01-01" in manage(jobs).out


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


@each
def test_json_may_stand_before_the_action(invocation, people, manage):
    *before, last = invocation.path
    if not before:
        return
    ended = manage(
        type(invocation)(invocation.app, (*before, "--json", last), is_job=False), *arguments_of(invocation, people)
    )
    assert_document(invocation, ended)


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


def test_the_runs_of_a_job_that_is_gone_are_shown(manage):
    [history] = [one for one in ALL if one.schema == "jobs.history"]
    JobRun.objects.create(job="cleanup-drafts", trigger="schedule", status="succeeded", message="Deleted 3 drafts.")

    assert [run["job"] for run in manage(history, "cleanup-drafts", "--json").document] == ["cleanup-drafts"]
    out = manage(history, "cleanup-drafts").out
    assert "Deleted 3 drafts." in out
    assert "cleanup-drafts is not registered" in out


def test_a_valid_expression_is_told_with_its_next_five_times(manage):
    [cron] = [one for one in ALL if one.schema == "cron"]

    document = manage(cron, "30 4 * * 0", "--json").document

    times = [datetime.fromisoformat(time) for time in document["next_times"]]
    assert [(time.hour, time.minute, time.weekday()) for time in times] == [(4, 30, 6)] * 5
    assert {late - early for early, late in pairwise(times)} == {timedelta(days=7)}
    out = manage(cron, "30 4 * * 0").out
    assert all(f"{time:%Y-%m-%d %H:%M}" in out for time in times)


def test_an_expression_without_quotes_is_repeated_with_them(manage):
    [schedule] = [one for one in ALL if one.schema == "jobs.schedule"]
    before = list(JobRun.objects.all())

    ended = manage(schedule, JOB, "30", "2", "*", "*", "*")

    assert "write '30 2 * * *'" in " ".join(ended.err.split())
    assert list(JobRun.objects.all()) == before


# The schemas


def test_there_is_a_schema_for_each_command_and_none_for_nothing():
    assert {one.schema for one in ALL} | {"definitions"} == set(SCHEMAS)


def test_the_schemas_know_the_values_that_the_program_has():
    assert DEFINITIONS["run_status"]["enum"] == JobRun.Status.values
    assert DEFINITIONS["trigger"]["enum"] == JobRun.Trigger.values
    assert DEFINITIONS["level"]["enum"] == [str(level) for level in Level]
    request = DEFINITIONS["deletion_request"]["properties"]
    assert request["status"]["enum"] == DeletionRequest.Status.values
    assert request["cancel_reason"]["enum"] == ["", *DeletionRequest.CancelReason.values]


def test_every_code_of_a_run_that_did_not_succeed_is_explained():
    explained = (FOLDER / "README.md").read_text()
    for status, exit_status in EXIT_STATUS.items():
        assert not exit_status or f"`{status}`" in explained


def test_no_command_writes_past_what_escapes():
    """`self.stdout.write` is for `maintenance/cli`; a command says lines, and prints tables and documents."""
    for folder in ("bazaar", "maintenance"):
        for path in (FOLDER.parents[1] / folder / "management" / "commands").glob("*.py"):
            assert not re.search(r"std(out|err)\.write|\bprint\(", path.read_text()), path

"""Every command, in both forms of output: one valid JSON document, or lines that fit and act on no terminal."""

import re
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import transaction

from bazaar.deletion_requests import make_request
from bazaar.holds.service import set_hold
from bazaar.models import DeletionRequest, PushToken
from maintenance.core import registry
from maintenance.core.database import is_postgresql
from maintenance.engine.results import EXIT_STATUS
from maintenance.engine.runner import run_now
from maintenance.health.check_result import Level
from maintenance.models import JobRun, Pause
from tests.factories import PushTokenFactory, UserFactory
from tests.project.json_documents import FOLDER, SCHEMAS
from tests.project.printed import ALL, JOB, NASTY, REPORTS, arguments_of, assert_document, assert_text, each

pytestmark = pytest.mark.django_db
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
ONLY_POSTGRESQL = {"audit_partitions.adopt", "audit_partitions.extend", "audit_partitions.revert"}
DEFINITIONS = SCHEMAS["definitions"]["$defs"]


@pytest.fixture
def used(people):
    """A database on which all jobs have run, with a run of every status, and a pause for a nasty reason before."""
    old = datetime(2020, 1, 1, tzinfo=UTC)
    gone, leaving, staying = UserFactory.create_batch(3)
    PushTokenFactory.create_batch(2, last_used_at=old, user=staying)
    make_request(gone, now=old)
    people["request"] = make_request(leaving, anonymize=False).pk
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


def assert_both_forms(invocation, people, manage, allowed):
    for json_option, check in ((["--json"], assert_document), ([], assert_text)):
        with nullcontext() if invocation.is_job or invocation.schema == "jobs.run" else taken_back():
            ended = manage(invocation, *arguments_of(invocation, people), *json_option)
        if invocation.schema in ONLY_POSTGRESQL and not is_postgresql():
            allowed = {1}
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


def test_the_answer_to_what_if_is_printed_in_both_forms(used, manage):
    [retention] = [one for one in ALL if one.schema == "retention"]
    for limit in (job.retentions[0] for job in registry.all_jobs() if job.retentions):
        assumed = ["--what-if", f"{limit.setting}=2"]
        assert_document(retention, ended := manage(retention, *assumed, "--json"))
        assert_text(retention, manage(retention, *assumed))
        assert ended.document["jobs"]


@each
def test_json_may_stand_before_the_action(invocation, people, manage):
    *before, last = invocation.path
    if not before:
        return
    ended = manage(
        type(invocation)(invocation.app, (*before, "--json", last), is_job=False), *arguments_of(invocation, people)
    )
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

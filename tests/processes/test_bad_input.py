"""What an operator can get wrong: each is one sentence that names the remedy, never a trace."""

import pytest

from maintenance.core import registry
from maintenance.models import JobRun

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]

JOB = "cleanup_push_tokens"
KEYS = {"job", "run_id", "status", "success", "message", "details", "dry_run", "duration_seconds"}
NO_DATABASE = "postgres://nobody:secret@127.0.0.1:1/nothing"

MISTAKES = {
    "malformed retention": (
        {"PUSH_TOKEN_RETENTION_DAYS": "ninety"},
        "PUSH_TOKEN_RETENTION_DAYS cannot be used: set it to",
    ),
    "zero retention": ({"PUSH_TOKEN_RETENTION_DAYS": "0"}, "PUSH_TOKEN_RETENTION_DAYS cannot be used: set it to"),
    "negative retention": ({"PUSH_TOKEN_RETENTION_DAYS": "-1"}, "PUSH_TOKEN_RETENTION_DAYS cannot be used: set it to"),
    "retention beyond the calendar": (
        {"PUSH_TOKEN_RETENTION_DAYS": "9" * 9},
        "PUSH_TOKEN_RETENTION_DAYS cannot be used: set it to",
    ),
    "malformed number": ({"MAINTENANCE_LEASE_SECONDS": "soon"}, "(default 60)"),
    "too short a lease": ({"MAINTENANCE_LEASE_SECONDS": "1"}, "(default 60)"),
    "missing key": ({"SECRET_KEY": None}, "SECRET_KEY is not set: put one into"),
    "database down": ({"DATABASE_URL": NO_DATABASE}, "correct DATABASE_URL"),
}


def assert_one_sentence(ended, status, words):
    """Check the status, and that nothing but one line with these words was said."""
    assert ended.status == status, ended
    assert "Traceback" not in ended.text
    assert words in ended.err
    assert len(ended.err.splitlines()) == 1, ended.err
    assert not ended.out


@pytest.mark.parametrize(("variables", "words"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_the_environment_is_told_with_its_remedy(variables, words, backlog, run):
    due = backlog(10)

    assert_one_sentence(run(JOB, **variables), 78, words)

    assert due.left() == 10
    assert not JobRun.objects.exists()


def test_a_database_that_is_not_migrated_is_told(run, tmp_path):
    ended = run(JOB, DATABASE_URL=f"sqlite:///{tmp_path / 'new.sqlite3'}")

    assert_one_sentence(ended, 78, "run `manage.py migrate`")


def test_a_file_in_the_place_of_the_uploads_folder_is_told(run, tmp_path):
    (tmp_path / "uploads").write_text("not a folder")

    assert_one_sentence(run(JOB, UPLOADS_PATH=tmp_path / "uploads"), 78, "UPLOADS_PATH")


def test_an_unknown_job_is_told_with_those_that_there_are(run):
    ended = run("jobs", "run", "no-such-job")

    assert_one_sentence(ended, 2, "There is no job 'no-such-job'.")
    assert all(job.name in ended.err for job in registry.all_jobs())


@pytest.mark.parametrize("arguments", [(JOB, "--no-such-option"), ("jobs", "no-such-action")], ids=" ".join)
def test_an_unknown_option_or_action_is_told_with_those_that_there_are(arguments, run):
    ended = run(*arguments)

    assert ended.status == 2, ended
    assert "Traceback" not in ended.text
    assert "usage:" in ended.err
    assert arguments[1] in ended.err.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "variables", "status"),
    [
        ((JOB, "--dry-run"), {"DATABASE_URL": NO_DATABASE}, 78),
        (("jobs", "run", "no-such-job"), {}, 2),
    ],
    ids=["database", "job"],
)
def test_an_error_is_one_json_object_where_json_is_asked_for(arguments, variables, status, run):
    ended = run(*arguments, "--json", **variables)

    assert ended.status == status, ended
    assert "Traceback" not in ended.text
    assert set(ended.json) == {"error"}
    assert set(ended.json["error"]) == {"code", "message", "exit_status"}
    assert ended.json["error"]["exit_status"] == status
    assert ended.json["error"]["message"]


def test_a_setting_is_refused_in_one_json_object(run):
    ended = run(JOB, "--json", PUSH_TOKEN_RETENTION_DAYS="0")

    assert ended.status == 78, ended
    assert not ended.err
    assert ended.json["error"]["exit_status"] == ended.status
    assert "PUSH_TOKEN_RETENTION_DAYS" in ended.json["error"]["message"]


def test_the_result_is_one_json_object_where_json_is_asked_for(backlog, run):
    backlog(10)

    ended = run(JOB, "--json")

    assert ended.status == 0, ended
    assert set(ended.json) == KEYS
    assert ended.json["details"]["counts"] == {"deleted": 10}
    assert ended.json["run_id"] == JobRun.objects.get().pk


def test_far_more_than_usual_is_refused_until_somebody_confirms_the_number(backlog, run):
    due = backlog(10)
    assert run(JOB).status == 0
    due.add(1_500)

    refused = run(JOB, "--no-progress", LOG_LEVEL="WARNING")

    assert_one_sentence(refused, 1, "run `manage.py cleanup_push_tokens --confirm-count 1500`")
    assert due.left() == 1_500
    assert run(JOB, "--confirm-count", "1499").status == 1
    assert due.left() == 1_500
    assert run(JOB, "--confirm-count", "1500").status == 0
    due.assert_finished()

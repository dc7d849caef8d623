"""A command whose reader has gone, and a job that cannot be loaded: no trace, and a status that tells it."""

import os
import signal
import subprocess
import sys
from os import EX_CONFIG

import pytest
from django.conf import settings

from maintenance.models import JobRun

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]

NO_READER = 128 + signal.SIGPIPE
LONGEST = 60
SETTINGS = """
import sys
from bazaar.settings import *
sys.modules["bazaar.jobs.cleanup_push_tokens"] = None  # importing it raises ModuleNotFoundError
"""


@pytest.fixture
def run_unread(environment):
    """Run a command whose output nobody reads; return its status and what it wrote to standard error."""

    def run(*arguments):
        reader, writer = os.pipe()
        os.close(reader)
        command = [sys.executable, "manage.py", *arguments]
        with os.fdopen(writer) as out:
            ended = subprocess.run(
                command,
                cwd=settings.BASE_DIR,
                env=environment,
                stdout=out,
                stderr=subprocess.PIPE,
                text=True,
                timeout=LONGEST,
                check=False,
            )
        return ended.returncode, ended.stderr

    return run


@pytest.mark.parametrize(
    "arguments",
    [("jobs",), ("doctor",), ("personal_data",), ("deletions", "list")],
    ids=" ".join,
)
def test_a_command_ends_without_a_word_when_nobody_reads_it(arguments, run, run_unread):
    assert run(*arguments).out

    assert run_unread(*arguments) == (NO_READER, "")


def test_a_run_does_its_work_although_nobody_reads_of_it(backlog, run_unread):
    due = backlog(50)

    status, said = run_unread(due.job.command)

    assert status == NO_READER
    assert "Traceback" not in said
    assert JobRun.objects.get().status == JobRun.Status.SUCCEEDED
    due.assert_finished()


@pytest.fixture
def broken(tmp_path):
    """Environment in which the job's module is not there."""
    (tmp_path / "settings_of_the_test.py").write_text(SETTINGS)
    return {"PYTHONPATH": tmp_path, "DJANGO_SETTINGS_MODULE": "settings_of_the_test", "LOG_LEVEL": "CRITICAL"}


@pytest.mark.parametrize(
    "arguments",
    [("cleanup_push_tokens",), ("cleanup_push_tokens", "--help"), ("help", "cleanup_push_tokens")],
    ids=" ".join,
)
def test_a_job_that_cannot_be_loaded_is_told_in_one_sentence(arguments, run, broken):
    ended = run(*arguments, **broken)

    assert ended.status == EX_CONFIG, ended
    assert ended.out == ""
    [sentence] = ended.err.splitlines()
    assert "'cleanup-push-tokens'" in sentence
    assert "ModuleNotFoundError" in sentence


def test_a_job_that_cannot_be_loaded_is_told_to_machines_too(run, broken):
    ended = run("cleanup_push_tokens", "--json", **broken)

    assert ended.status == EX_CONFIG, ended
    assert ended.json["error"]["code"] == "broken-job"
    assert "cleanup-push-tokens" in ended.json["error"]["message"]

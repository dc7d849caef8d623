"""Outputs that fail: a job does its work all the same, and the exit status of every command tells it."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

from maintenance.models import JobRun

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]

LONGEST = 120
COMMANDS = [("jobs",), ("doctor",), ("retention",), ("personal_data",), ("deletions", "list"), ("cron", "0 2 * * *")]
OUTPUTS = [">/dev/full", ">&-", ">/dev/full 2>/dev/full", ">&- 2>&-", "<&- >&- 2>&-"]


@pytest.fixture
def run_into(environment):
    """Run a command whose outputs a shell has redirected; return its exit status and its standard error."""

    def run(redirection, *arguments):
        script = f'exec "$@" {redirection}'
        command = ["sh", "-c", script, "sh", sys.executable, "manage.py", *arguments]
        ended = subprocess.run(
            command,
            cwd=settings.BASE_DIR,
            env=environment,
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )
        return ended.returncode, ended.stderr

    return run


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("json", [(), ("--json",)], ids=["text", "json"])
def test_a_job_does_its_work_although_its_output_fails(output, json, backlog, run_into):
    due = backlog(300)

    status, said = run_into(output, due.job.command, *json)

    assert status == os.EX_IOERR, said
    assert "Traceback" not in said
    assert JobRun.objects.get().status == JobRun.Status.SUCCEEDED
    due.assert_finished()


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_command_whose_output_fails_says_so_by_its_status(arguments, run_into):
    status, said = run_into(">/dev/full", *arguments)

    assert status == os.EX_IOERR, said
    assert "Traceback" not in said
    assert "The output could not be written (ENOSPC)." in said


@pytest.mark.parametrize("output", ["2>/dev/full", "2>&-"])
def test_a_failing_standard_error_changes_nothing(output, backlog, run_into):
    due = backlog(50)

    status, _ = run_into(output, due.job.command)

    assert status == 0
    due.assert_finished()


SETTINGS = """
import logging
from bazaar.settings import *

class Failing(logging.Handler):
    def emit(self, record):
        raise RuntimeError("it quotes ann@example.org")

LOGGING["handlers"]["failing"] = {"()": Failing}
LOGGING["root"]["handlers"].insert(0, "failing")
LOGGING["root"]["level"] = "DEBUG"
"""


def test_a_handler_of_the_log_that_raises_ends_no_run(backlog, run, tmp_path):
    (tmp_path / "settings_of_the_test.py").write_text(SETTINGS)
    due = backlog(300)

    ended = run(due.job.command, PYTHONPATH=tmp_path, DJANGO_SETTINGS_MODULE="settings_of_the_test")

    assert ended.status == os.EX_IOERR, ended
    assert JobRun.objects.get().status == JobRun.Status.SUCCEEDED
    assert "example.org" not in ended.text
    due.assert_finished()

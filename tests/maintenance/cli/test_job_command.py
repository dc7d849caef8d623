"""The command of a job: its options, its help, and what each way to end makes of its exit status."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from maintenance.api import Outcome
from maintenance.cli.job_command import JobCommand
from maintenance.core.job import Option
from maintenance.core.states import Status
from maintenance.engine.results import EXIT_STATUS, JobResult
from maintenance.models import JobRun
from tests.engine_app.models import Item

pytestmark = pytest.mark.django_db


class Command(JobCommand):
    job_name = "scratch"


@pytest.fixture
def run():
    """Call the command of the tests' own job, and return exit status, output and error output."""

    def ended(*arguments):
        out, err, status = StringIO(), StringIO(), 0
        try:
            call_command(Command(stdout=out, stderr=err), *arguments)
        except SystemExit as end:
            status = end.code
        return status, out.getvalue(), err.getvalue()

    return ended


def test_a_run_does_its_work_and_says_so(run, scratch_job, items):
    scratch_job()
    items(3)

    assert run("--no-progress") == (0, "scratch: Deleted 3 items.\n", "")
    assert not Item.objects.exists()


def test_a_dry_run_changes_nothing(run, scratch_job, items):
    scratch_job()
    items(3)

    assert run("--dry-run", "--no-progress") == (0, "scratch: Would delete 3 items.\n", "")
    assert Item.objects.count() == 3
    assert JobRun.objects.get().dry_run


@pytest.mark.parametrize("status", EXIT_STATUS)
def test_every_way_to_end_has_its_status_and_its_stream(run, scratch_job, monkeypatch, status):
    scratch_job()
    result = JobResult("scratch", status, "So it ended.", run_id=7)
    monkeypatch.setattr("maintenance.cli.job_command.run_now", lambda _name, **_options: result)
    line, code = "scratch: So it ended.\n", EXIT_STATUS[status]

    assert run("--no-progress") == ((0, line, "") if status == Status.SUCCEEDED else (code, "", line))

    ended, out, err = run("--json")
    document = json.loads(out)
    assert (ended, err, document["status"]) == (code, "", status)
    assert ("error" in document) is bool(code)
    if code:
        assert document["error"] == {"code": status, "message": "So it ended.", "exit_status": code}


def test_the_options_of_a_job_reach_it(run, scratch_job, monkeypatch):
    scratch_job(options=(Option("sweep", "Sweep too."), Option("deep", "Deeply.")))
    given = {}

    def run_now(name, **options):
        given.update(options, name=name)
        return JobResult(name, "succeeded", "Done.")

    monkeypatch.setattr("maintenance.cli.job_command.run_now", run_now)
    run("--sweep", "--confirm-count", "7", "--dry-run", "--no-progress")

    assert (given["name"], given["options"], given["confirm_count"], given["dry_run"]) == (
        "scratch",
        ["sweep"],
        7,
        True,
    )
    assert given["progress"] is None


def test_the_help_has_description_limits_and_exit_statuses(scratch_job):
    scratch_job()

    assert Command().help.startswith("Delete items as the test says. The limit is set by SCRATCH_RETENTION_DAYS. Exit")
    assert all(f"{code} " in Command().help for code in set(EXIT_STATUS.values()))


def test_a_job_without_limits_names_none(scratch_job):
    scratch_job(retention=None, retentions=())

    assert "The limit" not in Command().help


def test_progress_is_told_unless_it_is_unwanted(run, scratch_job, items, batches_of, monkeypatch):
    monkeypatch.setattr("maintenance.cli.progress.SECONDS_BETWEEN_LINES", 0)
    scratch_job(lambda batch: Outcome(unchanged=batch.count()))
    items(4)
    batches_of(2)

    assert "scratch: 2 of 4\n" in run()[1]
    assert "2 of 4" not in run("--no-progress")[1]
    assert "2 of 4" not in run("--json")[1]

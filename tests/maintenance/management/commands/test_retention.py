"""`manage.py retention`: each age limit, and what is past it."""

import json

import pytest

from maintenance.core import registry
from maintenance.scheduling import controls, schedules

pytestmark = pytest.mark.django_db


def rows(run):
    return json.loads(run("retention", "--json")[0])


def line_of(run, setting="SCRATCH_RETENTION_DAYS"):
    [line] = [line for line in run("retention")[0].splitlines() if setting in line.split()]
    return line


def test_every_limit_of_every_job_is_listed(run):
    settings = [limit.setting for job in registry.all_jobs() for limit in job.retentions]

    assert [row["setting"] for row in rows(run)] == settings
    lines = [line.split() for line in run("retention")[0].splitlines()]
    assert [words[1] for words in lines[1:]] == settings


def test_records_past_a_limit_are_counted_with_the_oldest(run, scratch_job, items):
    scratch_job()
    assert "-" in line_of(run).split()
    items(1_200)

    [row] = [row for row in rows(run) if row["setting"] == "SCRATCH_RETENTION_DAYS"]
    assert (row["job"], row["overdue"], row["limit"]) == ("scratch", 1_200, "90 days")
    assert row["oldest"].startswith("2020-01-01")
    assert "90 days" in line_of(run)
    assert {"1,200", "2020-01-01"} <= set(line_of(run).split())


def test_the_next_run_is_told_or_that_there_is_none(run, scratch_job):
    scratch_job()
    schedules.synchronise()
    assert " in " in line_of(run)

    controls.disable("scratch")

    assert line_of(run).split()[-2:] == ["disabled", "-"]


def test_an_invalid_limit_is_refused_by_name(run, scratch_job, settings):
    scratch_job()
    settings.SCRATCH_RETENTION_DAYS = "soon"

    out, err = run("retention", status=78)

    assert out == ""
    assert "SCRATCH_RETENTION_DAYS" in err


ASSUMED = "SCRATCH_RETENTION_DAYS=60"


def test_what_if_tells_the_change_and_the_days(run, scratch_job, items, settings):
    scratch_job()
    items(3)

    out, _ = run("retention", "--what-if", ASSUMED)

    assert "Due now: 3 with the present values, 3 with the assumed ones." in out
    lines = [line.split() for line in out.splitlines()]
    assert ["SCRATCH_RETENTION_DAYS", "90", "days", "60", "days"] in lines
    assert sum(words[2:3] == ["UTC"] for words in lines) == 28


def test_what_if_takes_several_settings_in_both_forms(run, scratch_job):
    scratch_job()
    other = "RUN_HISTORY_RETENTION_DAYS=9"

    first = json.loads(run("retention", "--json", "--what-if", ASSUMED, other)[0])
    second = json.loads(run("retention", "--what-if", ASSUMED, "--what-if", other, "--json")[0])

    for document in (first, second):
        assert [change["setting"] for change in document["settings"]] == [
            "SCRATCH_RETENTION_DAYS",
            "RUN_HISTORY_RETENTION_DAYS",
        ]
        assert {job["job"] for job in document["jobs"]} == {"scratch", "cleanup-run-history"}


@pytest.mark.parametrize(
    ("assumed", "words"),
    [
        (["NOPE=1"], "There is no setting NOPE"),
        (["TIME_ZONE=1"], "The setting TIME_ZONE is no age limit"),
        (["SCRATCH_RETENTION_DAYS=0"], "SCRATCH_RETENTION_DAYS cannot be used: set it to a whole number of days"),
        ([ASSUMED, ASSUMED], "SCRATCH_RETENTION_DAYS is named twice"),
        (["SCRATCH_RETENTION_DAYS"], "Name a setting and a value"),
    ],
)
def test_what_if_refuses_what_cannot_be_assumed(run, scratch_job, assumed, words):
    scratch_job()

    out, err = run("retention", "--what-if", *assumed, status=2)

    assert out == ""
    assert words in err

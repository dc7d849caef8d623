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

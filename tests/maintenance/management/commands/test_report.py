"""`manage.py report`: the figures of a period."""

import csv
import json
from datetime import UTC, datetime

import pytest
from django.core.management import call_command

from maintenance.models import JobRun

pytestmark = pytest.mark.django_db

AT = datetime(2026, 1, 31, 23, 59, tzinfo=UTC)
JANUARY = ("--from", "2026-01-01", "--to", "2026-01-31")


@pytest.fixture(autouse=True)
def one_run():
    return JobRun.objects.create(
        job="cleanup-push-tokens", trigger="schedule", status="succeeded", finished_at=AT, items_due=12, items_done=12
    )


def test_text_names_each_limit_and_each_job(run):
    lines = run("report", *JANUARY)[0].splitlines()

    assert lines[0] == "Report for 2026-01-01 to 2026-01-31 (UTC)"
    [limit] = [line.split() for line in lines if "PUSH_TOKEN_RETENTION_DAYS" in line]
    assert limit == ["cleanup-push-tokens", "PUSH_TOKEN_RETENTION_DAYS", "12", "12", "0", "0", "0"]
    assert "Erasures" in lines, "the project adds its own part"


def test_csv_and_json_have_the_same_figures(run):
    document = json.loads(run("report", *JANUARY, "--json")[0])
    rows = list(csv.DictReader(run("report", *JANUARY, "--csv")[0].splitlines()))

    [total] = [row for row in rows if row["part"] == "total"]
    assert (document["from"], document["to"], document["total"]["done"]) == ("2026-01-01", "2026-01-31", 12)
    assert (total["from"], total["to"], total["done"]) == ("2026-01-01", "2026-01-31", "12")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--from", "2026-02-01", "--to", "2026-01-31"), "before it begins"),
        (("--from", "2026-02-01"), "Give both days"),
        (("--to", "2026-02-01"), "Give both days"),
    ],
)
def test_days_that_are_no_period_are_refused(arguments, said, capsys):
    with pytest.raises(SystemExit) as end:
        call_command("report", *arguments)

    assert end.value.code == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("day", ["2026-02-30", "20260101", "2026-W01-1", "yesterday", "2026-1-1"])
def test_a_day_that_there_is_not_is_refused(day, capsys):
    from maintenance.management.commands.report import Command

    with pytest.raises(SystemExit) as end:
        Command().run_from_argv(["manage.py", "report", "--from", day, "--to", "2026-12-31"])

    assert end.value.code == 2
    assert "day" in capsys.readouterr().err

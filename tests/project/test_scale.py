"""The sums of docs/scale.md follow from the measured rates and from what the page assumes."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from maintenance.conf import settings as engine
from maintenance.core import registry

ROOT = Path(settings.BASE_DIR)
PAGE = (ROOT / "docs" / "scale.md").read_text()
RESULTS = (ROOT / "benchmarks" / "RESULTS.md").read_text()
NOTES = (ROOT / "benchmarks" / "NOTES.md").read_text()

DAYS = 365
USERS, LOGS, UPLOADS = 10_000_000, 5_000_000_000, 20_000_000
A_NIGHT = {
    "cleanup-push-tokens": USERS / (2 * DAYS),
    "cleanup-invitations": USERS / DAYS,
    "anonymize-audit-logs": LOGS / (3 * DAYS),
    "delete-audit-logs": LOGS / (3 * DAYS),
    "recalculate-karma": USERS / 1000,
    "cleanup-orphaned-files": UPLOADS / 1000 / DAYS,
}
ERASURES = USERS / 100 / DAYS


def number(text):
    return float(text.replace(",", ""))


def rows_of(heading):
    """Return the cells of the table below a heading."""
    part = PAGE.split(f"## {heading}")[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line[:1] == "|"]
    return rows[2:]


RATES = rows_of("What one run does")
NIGHT = rows_of("A site of ten")


def test_every_job_of_the_tables_exists_and_is_in_both():
    assert [row[0] for row in RATES] == [row[0] for row in NIGHT] == list(A_NIGHT)
    assert A_NIGHT.keys() <= set(registry.names())


@pytest.mark.parametrize(("job", "benchmark", "rate", "half"), RATES)
def test_a_rate_was_measured(job, benchmark, rate, half):
    size = "100,000" if job == "cleanup-orphaned-files" else "1,000,000"
    measured = re.search(rf"^\| {re.escape(benchmark)} \| {size} \| [\d,]+ \| ([\d,]+) \|", RESULTS, re.MULTILINE)[1]

    assert rate == measured
    assert number(half) == int(number(rate) * engine.MAINTENANCE_DUTY_CYCLE)


@pytest.mark.parametrize(("job", "rows", "seconds"), NIGHT)
def test_a_night_follows_from_what_is_assumed(job, rows, seconds):
    half = next(number(row[3]) for row in RATES if row[0] == job)

    assert number(rows) == round(A_NIGHT[job])
    assert number(seconds) == round(A_NIGHT[job] / half, 1)


def test_erasures_follow_from_the_measured_one():
    each = int(re.search(r"composed once for all \| \d+ \| \d+ \| (\d+) \|", NOTES)[1])
    budget = engine.MAINTENANCE_TIME_BUDGET

    assert f"{each} ms each" in PAGE
    assert f"{round(ERASURES)} accounts a night are erased in {round(round(ERASURES) * each / 1000)} seconds" in PAGE
    assert f"room for {int(budget / (2 * each / 1000)):,} persons" in PAGE


def test_the_longest_jobs_end_in_time_at_a_tenth_of_the_rates():
    seconds = {row[0]: number(row[2]) * 10 for row in NIGHT}

    assert seconds.pop("anonymize-audit-logs") < engine.MAINTENANCE_TIME_BUDGET
    assert max(seconds.values()) < 600


def test_the_other_figures_were_measured_or_follow():
    delete = next(number(row[3]) for row in RATES if row[0] == "delete-audit-logs")
    first = number(re.search(r"deleting ([\d,]+) million", PAGE)[1]) * 1e6

    assert f"takes {round(first / delete / 3600)} hours" in PAGE
    drifted = re.search(r"^\| karma, none drifted \| 1,000,000 \| ([\d,]+) \| [\d,.]+ \|$", RESULTS, re.MULTILINE)[1]
    assert f"{number(drifted) / 1000:.1f} seconds with a million users" in PAGE
    assert re.search(r"5,000,000 \| [\d,]+ \| ([\d,]+) \|", RESULTS)[1] in PAGE

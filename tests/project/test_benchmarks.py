"""The benchmarks run, and their report tells a target that is missed from one that is reached."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from django.utils import timezone

from benchmarks.kindness import Kindness
from benchmarks.report import Results, report
from benchmarks.throughput import Figures, Night
from benchmarks.workloads import WORKLOADS
from maintenance.core import registry

ROOT = Path(__file__).resolve().parents[2]
NAME = "push tokens, sorted"
BATCHES = {"count": 3, "median_seconds": 0.1, "p99_seconds": 0.11, "longest_seconds": 0.12}


def figures(contender, seconds, **more):
    values = {"rows": 1_000, "wal_bytes": 10**5, "statements": 30, "memory_bytes": 10**8}
    return Figures(NAME, 1_000, contender, seconds=seconds, **{**values, **more})


def results(ours=0.15, slow=60, **more):
    contenders = [
        figures("floor", 0.1),
        figures("ours", ours, batches=BATCHES),
        figures("django", slow),
        figures("row_by_row", slow),
    ]
    jobs = {name: workload.job for name, workload in WORKLOADS.items()}
    plain = Results(contenders, [Night(NAME, 1_000, 0.1, 0.002)], [], {}, 0, {}, jobs, "python -m benchmarks")
    return replace(plain, **more)


def test_a_target_that_is_reached_is_not_called_missed():
    text = report(results())

    assert "0.67 (0.5)" in text
    assert "missed" not in text


@pytest.mark.parametrize("missed", [{"ours": 0.3}, {"slow": 1}])
def test_a_target_that_is_missed_is_told(missed):
    assert report(results(**missed)).count("missed") == 1


def test_a_site_that_gets_slow_is_told():
    calm = Kindness(NAME, [1.0, 2.0] * 50, [1.0, 2.0] * 50, 1_000, BATCHES, {}, 0, 1e6, 10, 10**6, 0.1)
    slow = replace(calm, busy=[1.0, 30.0] * 50, batches=BATCHES | {"p99_seconds": 0.3})

    assert "missed" not in report(results(kindness=[calm]))
    assert report(results(kindness=[slow])).count("missed") == 3


def test_a_deletion_with_too_many_statements_is_told():
    numbers = {"anonymise, few rows": 110, "delete, many rows": 115}

    assert report(results(erasures=numbers, erased_rows=10_000)).count("missed") == 1
    assert "missed" not in report(results(erasures=numbers, erased_rows=15_000))


def test_a_page_that_is_slow_or_asks_too_much_is_told():
    page = {"median": 99.0, "worst": 200.0, "queries": 20}

    assert "missed" not in report(results(pages={"jobs": page}))
    assert report(results(pages={"jobs": page | {"median": 120.0, "queries": 21}})).count("missed") == 2


@pytest.mark.django_db
def test_what_is_measured_are_jobs_of_every_kind_of_stage():
    """A new job needs no workload, unless it is of a kind that none of the others is."""
    jobs = {job.name: {type(stage) for stage in job.stages(timezone.now())} for job in registry.all_jobs()}
    measured = {workload.job for workload in WORKLOADS.values()}

    assert measured <= jobs.keys()
    assert len(measured) > 5
    assert set().union(*jobs.values()) == set().union(*(jobs[name] for name in measured))


@pytest.mark.process
def test_the_command_measures_on_a_server_of_its_own():
    command = [sys.executable, "-m", "benchmarks", "--rows", "300", "--workload", NAME, "--only", "throughput"]
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "UPLOADS_PATH"}}
    environment["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"

    command += ["--repeat", "1"]
    done = subprocess.run(command, check=False, cwd=ROOT, env=environment, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    rows = [line.split(" | ") for line in done.stdout.splitlines() if line.startswith(f"| {NAME}")]
    assert [row[1] for row in rows] == ["300", "300"]

"""Each promise is held by a test or a benchmark, and what is said of speed is what was measured."""

import re

from benchmarks.__main__ import PARTS
from tests.project.documents import ROOT, document

README = document("README.md")


def test_every_promise_is_held_by_a_test_or_a_benchmark_that_exists():
    rows = re.findall(r"^\| (.+?) \| (.+?) \| (.+) \|$", document("docs/promises.md").text, flags=re.MULTILINE)
    rows = [row for row in rows if row[0] != "promise" and not row[0].startswith("---")]
    assert len(rows) > 30
    for promise, said, held in rows:
        tests = re.findall(r"`([\w/]+\.py)::(test_\w+)`", held)
        parts = re.findall(r"benchmark: (\w+)", held)
        assert tests or parts, promise
        assert set(parts) <= PARTS
        for file, test in tests:
            path = ROOT / "tests" / file
            assert path.exists(), file
            assert re.search(rf"^def {test}\(", path.read_text(), flags=re.MULTILINE), f"{file}::{test}"
        for name in said.split(", "):
            known = {"README": README.path, "results": ROOT / "benchmarks" / "RESULTS.md"}
            assert known.get(name, ROOT / "docs" / f"{name}.md").exists(), name


def results(heading):
    """Return the rows of a table of the benchmark's results, with the numbers at the beginning of each cell."""
    text = (ROOT / "benchmarks" / "RESULTS.md").read_text().split(heading)[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in text.splitlines() if row.startswith("| ")]
    titles, cells = rows[0], rows[2:]
    return [dict(zip(titles, row, strict=True)) for row in cells]


def number(cell):
    return float(re.search(r"-?[\d,.]+", cell.replace("*", ""))[0].replace(",", ""))


DELETIONS = ("push tokens", "invitations", "audit logs past")


ANONYMISING = ("audit logs, 40 %", "audit logs, all")


def test_what_is_said_of_speed_is_what_was_measured():
    rows = [row for row in results("## Throughput") if number(row["rows"]) >= 100_000]
    deletions = [row for row in rows if row["workload"].startswith(DELETIONS)]
    anonymising = [row for row in rows if row["workload"].startswith(ANONYMISING)]
    assert deletions
    assert anonymising
    assert all(number(row["of the floor"]) >= 1 / 2 for row in deletions)
    assert all(number(row["of the floor"]) >= 1 / 3 for row in anonymising)
    medians = [number(row["median, p99, longest batch, ms"]) for row in deletions]
    assert min(medians) >= 4.5
    assert max(medians) <= 10.5


def test_what_is_said_of_a_night_with_nothing_due_is_what_was_measured():
    nights = results("## A night with nothing due")
    karma = [row for row in nights if row["workload"].startswith("karma")]
    assert all(number(row["whole run, ms"]) < 100 for row in nights if row not in karma)
    assert all(number(row["whole run, ms"]) < 350 for row in karma if number(row["rows that had been due"]) == 100_000)


def test_what_is_said_of_the_site_beside_a_job_is_what_was_measured():
    times = {row["beside"]: number(row["p95, times idle"]) for row in results("## What the site notices")}
    assert all(value <= 1.1 for name, value in times.items() if name.startswith(DELETIONS))
    assert all(value <= 2.2 for name, value in times.items() if name.startswith(ANONYMISING))

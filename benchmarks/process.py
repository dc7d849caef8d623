"""One measurement in a process of its own, which prints JSON: `python -m benchmarks.process ACTION [ARGUMENT ...]`."""

import json
import resource
import sys
import time
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402 - the models need the settings

from benchmarks import foreground, pages as admin_pages  # noqa: E402
from benchmarks.bulk import bulk  # noqa: E402
from benchmarks.statements import Statements  # noqa: E402
from benchmarks.workloads import WORKLOADS, Workload, deletions  # noqa: E402
from benchmarks.workloads.base import settle_down  # noqa: E402
from maintenance.engine import preflight  # noqa: E402


def seed(name: str, rows: str) -> dict[str, Any]:
    """Fill the database with what a workload needs."""
    with bulk():
        WORKLOADS[name].seed(int(rows))
    return {}


def measure(name: str, contender: str, limit: str) -> dict[str, Any]:
    """Run a contender, and return its cost."""
    workload = WORKLOADS[name]
    workload.prepare()
    preflight.verify()  # which loads the program, as a worker of the queue did for the job before
    connection.ensure_connection()
    statements = Statements()
    wal, began = wal_position(), time.perf_counter()
    with connection.execute_wrapper(statements):
        figures = run(workload, contender, int(limit))
    figures["seconds"] = time.perf_counter() - began
    figures["wal_bytes"] = wal_position() - wal
    figures["statements"] = statements.number
    figures["memory_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return figures


def next_night(name: str) -> dict[str, Any]:
    """Run a job that has just done everything once more: how long it takes where nothing is due."""
    workload = WORKLOADS[name]
    settle_down()
    statements = Statements()
    began = time.perf_counter()
    with connection.execute_wrapper(statements):
        result = workload.ours()
    seconds = time.perf_counter() - began
    if result.details["batches"]["count"]:
        raise RuntimeError("Something was due.")
    return {"seconds": seconds, "slowest_statement_seconds": statements.slowest}


def load(seconds: str) -> dict[str, Any]:
    """Be the site for some seconds."""
    return foreground.load(float(seconds))


def furnish() -> dict[str, Any]:
    """Add what the site's visitors work on."""
    foreground.furnish()
    return {}


def erasures(rows: str) -> dict[str, Any]:
    """Count the statements of the deletion of a user with few rows and of one with many."""
    deletions.seed(int(rows))
    return deletions.erase_everybody()


def pages() -> dict[str, Any]:
    """Look at the operator's pages."""
    return admin_pages.measure()


def run(workload: Workload, contender: str, limit: int) -> dict[str, Any]:
    if contender == "floor":
        return {"rows": workload.floor()}
    if contender != "ours":
        return {"rows": getattr(workload, contender)(limit)}
    result = workload.ours()
    if not result.success:
        raise RuntimeError(result.message)
    return {"rows": workload.rows_of(result), "batches": result.details["batches"]}


def wal_position() -> int:
    """Return how many bytes of WAL the server has written since it was made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn() - '0/0'")
        return int(cursor.fetchone()[0])


ACTIONS = {action.__name__: action for action in (seed, measure, next_night, load, furnish, erasures, pages)}

if __name__ == "__main__":
    print(json.dumps(ACTIONS[sys.argv[1]](*sys.argv[2:])))

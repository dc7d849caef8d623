"""What the site notices: its queries while a job works through a big backlog at default settings, and without."""

import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from benchmarks.server import Server
from benchmarks.throughput import MEASURED, SEED, call


@dataclass(frozen=True)
class Kindness:
    """The site beside one workload: milliseconds of its queries without and with the job, and what the server saw."""

    workload: str
    idle: list[float]
    busy: list[float]
    rows: int
    batches: Mapping[str, Any]
    errors: Mapping[str, int]
    deadlocks: int
    wal_bytes_per_second: float
    dead_rows: int
    growth_bytes: int
    vacuum_seconds: float


def measure(server: Server, workload: str, rows: int, seconds: float) -> Kindness:
    """Let the site work for some seconds alone, and for as many beside the job."""
    server.drop(SEED)
    server.copy("empty", SEED)
    call(server, SEED, "seed", workload, rows)
    call(server, SEED, "furnish")
    server.copy(SEED, MEASURED)
    size = _one(server, "SELECT pg_database_size(current_database())")
    idle = call(server, MEASURED, "load", seconds)
    with ThreadPoolExecutor(1) as pool:
        settings = {"MAINTENANCE_BATCH_PAUSE": "", "MAINTENANCE_TIME_BUDGET": str(seconds + 2)}
        wal, began = _one(server, "SELECT pg_current_wal_insert_lsn() - '0/0'"), time.perf_counter()
        job = pool.submit(call, server, MEASURED, "measure", workload, "ours", 0, **settings)
        time.sleep(1.5)  # the process starts
        busy = call(server, MEASURED, "load", seconds)
        told = job.result()
    rate = float(_one(server, "SELECT pg_current_wal_insert_lsn() - '0/0'") - wal) / (time.perf_counter() - began)
    dead = _one(server, "SELECT sum(n_dead_tup) FROM pg_stat_user_tables")
    grown = _one(server, "SELECT pg_database_size(current_database())") - size
    began = time.perf_counter()
    with server.connect(MEASURED) as connection:
        connection.execute("VACUUM (ANALYZE)")
    vacuum = time.perf_counter() - began
    deadlocks = _one(server, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    errors = Counter(idle["errors"]) + Counter(busy["errors"])
    return Kindness(
        workload,
        idle["milliseconds"],
        busy["milliseconds"],
        told["rows"],
        told["batches"],
        errors,
        deadlocks,
        rate,
        int(dead),
        int(grown),
        vacuum,
    )


def _one(server: Server, query: str) -> Any:
    with server.connect(MEASURED) as connection:
        return connection.execute(query.encode()).fetchone()[0]  # type: ignore[index] # there is one

"""Throughput: each contender on a fresh copy of the same data."""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.server import Server

COMPARED = ("floor", "ours")
"""In turns, so that a slow minute of the machine is none of one alone."""
SLOW = ("django", "row_by_row")
SAMPLE = 500
"""Rows after which the slow contenders stop: their time a row does not change."""
MEASURED, SEED = "measured", "seed"


@dataclass(frozen=True)
class Figures:
    """What one contender did with one workload of a size."""

    workload: str
    due: int
    contender: str
    rows: int
    seconds: float
    wal_bytes: int
    statements: int
    memory_bytes: int
    batches: dict[str, Any] | None = None

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds


@dataclass(frozen=True)
class Night:
    """A run with nothing due, after `rows` due rows were processed."""

    workload: str
    rows: int
    seconds: float
    statement_seconds: float


def measure(server: Server, workload: str, rows: int, repeat: int) -> Iterator[Figures | Night]:
    """Yield the figures of each contender, of several attempts the one in the middle, and those of the next night."""
    server.drop(SEED)
    server.copy("empty", SEED)
    call(server, SEED, "seed", workload, rows)
    attempts: dict[str, list[Figures]] = defaultdict(list)
    for contender in (*COMPARED * repeat, *SLOW):
        server.copy(SEED, MEASURED)
        told = call(server, MEASURED, "measure", workload, contender, SAMPLE)
        attempts[contender].append(Figures(workload, rows, contender, **told))
        if contender == "ours" and len(attempts[contender]) == repeat:
            told = call(server, MEASURED, "next_night", workload)
            yield Night(workload, rows, told["seconds"], told["slowest_statement_seconds"])
    for each in attempts.values():
        yield sorted(each, key=lambda figures: figures.seconds)[len(each) // 2]
    server.drop(MEASURED)
    server.drop(SEED)


def call(server: Server, database: str, *arguments: object, **more: str) -> Any:
    """Run a function on a database in a process of its own, and return its output."""
    command = [sys.executable, "-m", "benchmarks.process", *map(str, arguments)]
    environment = server.environment(database) | {"MAINTENANCE_BATCH_PAUSE": "0"} | more
    done = subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)

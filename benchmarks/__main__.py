"""How fast the jobs are, and how little the site notices. Prints, and writes `benchmarks/RESULTS.md`."""

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import django

from benchmarks import kindness, throughput
from benchmarks.report import Results, report
from benchmarks.server import Server, server

if TYPE_CHECKING:
    from benchmarks.workloads import Workload

PARTS = {"throughput", "site", "erasures", "pages"}
RESULTS = Path(__file__).with_name("RESULTS.md")


def main(arguments: list[str]) -> None:
    workloads = load_workloads()
    options = _parser(list(workloads)).parse_args(arguments)
    with server() as running:
        running.migrate("empty")
        results = _measured(running, options, workloads, " ".join(["python -m benchmarks", *arguments]))
    text = report(results)
    print(text)
    if not (options.workload or options.only):
        RESULTS.write_text(text)


def _parser(workloads: list[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure how fast the jobs are, and how little the site notices."
    )
    parser.add_argument("--rows", type=int, nargs="+", default=[50_000], help="how many are due (default: 50000)")
    parser.add_argument("--workload", nargs="+", choices=workloads, help="only these; writes no file")
    parser.add_argument(
        "--repeat", type=int, default=1, help="attempts of floor and ours; the one in the middle counts (default: 1)"
    )
    parser.add_argument("--backlog", type=int, default=50_000, help="rows due beside the site (default: 50000)")
    parser.add_argument("--seconds", type=float, default=4, help="of the site, alone and beside a job (default: 4)")
    parser.add_argument("--only", choices=sorted(PARTS), help="leave the other parts out")
    return parser


def load_workloads() -> "Mapping[str, Workload]":
    """Return the workloads; their models need settings, though this process has no database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
    os.environ.setdefault("DATABASE_URL", "sqlite://:memory:")
    django.setup()
    from benchmarks.workloads import WORKLOADS

    return WORKLOADS


def _measured(
    running: Server, options: argparse.Namespace, workloads: "Mapping[str, Workload]", command: str
) -> Results:
    chosen = options.workload or list(workloads)
    wanted = {options.only} if options.only else PARTS
    figures: list[throughput.Figures] = []
    nights: list[throughput.Night] = []
    for workload in chosen if "throughput" in wanted else ():
        for rows in sorted({min(rows, workloads[workload].largest) for rows in options.rows}):
            for found in throughput.measure(running, workload, rows, options.repeat):
                _tell(found)
                (figures if isinstance(found, throughput.Figures) else nights).append(found)  # type: ignore[arg-type]
    beside = []
    typical = options.workload or [name for name, workload in workloads.items() if workload.is_typical]
    for workload in typical if "site" in wanted else ():
        beside.append(kindness.measure(running, workload, options.backlog, options.seconds))
        _tell(f"The site beside {workload} is measured.")
    erasures = {}
    if "erasures" in wanted:
        running.copy("empty", throughput.MEASURED)
        erasures = throughput.call(running, throughput.MEASURED, "erasures", options.backlog)
    pages = {}
    if "pages" in wanted:
        running.copy("empty", throughput.MEASURED)
        pages = throughput.call(running, throughput.MEASURED, "pages")
    jobs = {name: workload.job for name, workload in workloads.items()}
    return Results(figures, nights, beside, erasures, options.backlog, pages, jobs, command)


def _tell(found: object) -> None:
    print(found, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

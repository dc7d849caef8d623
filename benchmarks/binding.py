"""What it costs each job to bind parameters on the server: the same work with and without it, in turns.

`python -m benchmarks.binding --rows 20000 --pairs 3` prints a line for each workload.
"""

import argparse
import statistics
import sys

from benchmarks.__main__ import load_workloads
from benchmarks.server import Server, server
from benchmarks.throughput import MEASURED, SEED, call


def main(arguments: list[str]) -> None:
    names = list(load_workloads())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.binding", description="What it costs to bind parameters on the server."
    )
    parser.add_argument("--rows", type=int, default=20_000, help="how many are due (default: 20000)")
    parser.add_argument("--pairs", type=int, default=3, help="runs with and without it, in turns (default: 3)")
    parser.add_argument("--workload", nargs="+", choices=names, default=names, help="only these")
    options = parser.parse_args(arguments)
    print("| workload | seconds, on the client | on the server | times |\n| --- | --- | --- | --- |")
    with server() as running:
        running.migrate("empty")
        for name in options.workload:
            print(_compared(running, name, options.rows, options.pairs), flush=True)


def _compared(running: Server, workload: str, rows: int, pairs: int) -> str:
    running.drop(SEED)
    running.copy("empty", SEED)
    call(running, SEED, "seed", workload, rows)
    seconds: dict[str, list[float]] = {"": [], "on": []}
    for _ in range(pairs):
        for binding, taken in seconds.items():
            running.copy(SEED, MEASURED)
            told = call(running, MEASURED, "measure", workload, "ours", 0, BENCHMARK_SERVER_SIDE_BINDING=binding)
            taken.append(told["seconds"])
    ratio = statistics.median(on / off for off, on in zip(*seconds.values(), strict=True))
    client, bound = (statistics.median(taken) for taken in seconds.values())
    return f"| {workload} | {client:.2f} | {bound:.2f} | {ratio:.2f} |"


if __name__ == "__main__":
    main(sys.argv[1:])

"""How many documents a second the cleaner reads: `python -m benchmarks.cleaner --against FOLDER`.

FOLDER is a checkout of another version of the program. Each version has a process of its own, and they take turns, so
that a slow minute of the machine is none of one alone.
"""

import argparse
import hashlib
import importlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings

HERE = Path(__file__).parent.parent
PACKAGES = ("bazaar.redaction", "bazaar.metadata")
"""Where the cleaner is, and where it was."""


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.cleaner", description="How many documents a second the cleaner reads."
    )
    parser.add_argument("--against", type=Path, help="a checkout of another version")
    parser.add_argument("--turns", type=int, default=20)
    parser.add_argument("--documents", type=int, default=3000)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.measure:
        _measure(options.documents)
        return
    trees = [HERE] if options.against is None else [options.against.resolve(), HERE]
    print(_report(_in_turns(trees, options.turns, options.documents)))


def _in_turns(trees: list[Path], turns: int, documents: int) -> list[list[dict[str, float]]]:
    """Return the rates of each tree, turn by turn."""
    command = [sys.executable, str(Path(__file__)), "--measure", "--documents", str(documents)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [
        subprocess.Popen(command, cwd=tree, env=os.environ | {"PYTHONPATH": str(tree)}, **pipes) for tree in trees
    ]
    rates = []
    for turn in range(turns):
        found = {at: _ask(processes[at]) for at in sorted(range(len(trees)), reverse=turn % 2 == 1)}
        rates.append([found[at] for at in range(len(trees))])
    for process in processes:
        process.communicate()
    return rates


def _ask(process: "subprocess.Popen[str]") -> dict[str, float]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    found: dict[str, float] = json.loads(process.stdout.readline())
    return found


def _report(rates: list[list[dict[str, float]]]) -> str:
    lines = [
        "| documents | documents/s, median | times the other, median | lower and upper quartile |",
        "| - | - | - | - |",
    ]
    for name in rates[0][-1]:
        ours = statistics.median(turn[-1][name] for turn in rates)
        ratios = [turn[-1][name] / turn[0][name] for turn in rates]
        lower, middle, upper = statistics.quantiles(ratios, n=4)
        lines.append(f"| {name} | {ours:,.0f} | {middle:.2f} | {lower:.2f}, {upper:.2f} |")
    return "\n".join(lines)


def _measure(number: int) -> None:
    """Print the rates for each line that is read."""
    clean_json = _cleaner()
    documents = _documents(number)
    for each in documents.values():
        _rate(clean_json, each)
    for _ in sys.stdin:
        print(json.dumps({name: _rate(clean_json, each) for name, each in documents.items()}), flush=True)


def _cleaner() -> Callable[[str], str | None]:
    settings.configure()
    for package in PACKAGES:
        try:
            found: Callable[[str], str | None] = importlib.import_module(package).clean_json
        except ModuleNotFoundError:
            continue
        return found
    raise SystemExit("This tree has no cleaner.")


def _rate(clean_json: Callable[[str], str | None], documents: list[str]) -> float:
    start = time.process_time()
    for document in documents:
        clean_json(document)
    return len(documents) / (time.process_time() - start)


def _documents(number: int) -> dict[str, list[str]]:
    """Return documents as `benchmarks.workloads.logs` makes them; of those that are mixed two of five are personal."""
    numbers = range(300_000, 300_000 + number)
    mixed = [(_personal if n % 5 < 2 else _harmless)(n) for n in numbers]  # noqa: PLR2004
    made = {"harmless": map(_harmless, numbers), "personal": map(_personal, numbers), "mixed": mixed}
    return {name: list(map(json.dumps, documents)) for name, documents in made.items()}


def _digits(n: int) -> str:
    return hashlib.md5(str(n).encode(), usedforsecurity=False).hexdigest()


def _personal(n: int) -> dict[str, object]:
    title = {"field": "title", "old": _digits(n), "new": _digits(n + 1)}
    address = {"field": "email", "old": f"old{n}@example.org", "new": f"new{n}@example.org"}
    made: list[dict[str, object]] = [
        {
            "actor": {"email": f"user{n}@example.org", "displayName": f"User {n}"},
            "changes": [address, title],
            "request": {"path": f"/projects/{n}", "ms": n % 900},
        },
        {"note": f"Sent to guest{n}@example.org from 203.0.113.{n % 250}", "project": _project(n)},
        {
            "phone_number": f"+44 20 7946 0{n % 1000}",
            "ipAddress": f"203.0.113.{n % 250}",
            "device": {"os": "ios", "build": n},
            "filename": f"{_digits(n)}.png",
        },
    ]
    return made[n % 3]


def _harmless(n: int) -> dict[str, object]:
    title = {"field": "title", "old": _digits(n), "new": _digits(n + 1)}
    made: list[dict[str, object]] = [
        {"project": _project(n), "changes": [title], "request": {"path": f"/projects/{n}", "ms": n % 900}},
        {"hostname": f"web-{n % 9}", "version": f"5.2.{n % 30}", "counts": {"upvotes": n % 90, "comments": n % 7}},
        {"filename": f"{_digits(n)}.png", "size": n, "reason": "No reason given. " * 3},
    ]
    return made[n % 3]


def _project(n: int) -> dict[str, object]:
    return {"id": n, "title": _digits(n), "tags": ["art", "code", "music"]}


if __name__ == "__main__":
    main(sys.argv[1:])

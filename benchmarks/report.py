"""The report: `RESULTS.md`, with each target beside the measured figure."""

import platform
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.kindness import Kindness
from benchmarks.throughput import SAMPLE, Figures, Night

FLOOR = {
    "cleanup-push-tokens": 0.5,
    "cleanup-invitations": 0.5,
    "delete-audit-logs": 0.5,
    "audit logs, 40 % personal": 0.5,
    "audit logs, all personal": 0.3,
    "karma, all drifted": 0.67,
    "karma, none drifted": 0.8,
    "cleanup-orphaned-files": 0.5,
}
"""What part of the floor's speed is aimed at, by workload or job."""
ROW_BY_ROW = {"anonymize-audit-logs": 15, "cleanup-orphaned-files": 5}
"""How many times the speed of row by row is aimed at, by job; 50 for the others."""
BATCH_SECONDS = 0.1
MEBIBYTE = 2**20


@dataclass(frozen=True)
class Results:
    """Everything that was measured."""

    throughput: Sequence[Figures]
    nights: Sequence[Night]
    kindness: Sequence[Kindness]
    erasures: Mapping[str, int]
    erased_rows: int
    pages: Mapping[str, Mapping[str, float]]
    jobs: Mapping[str, str]
    """The job of each workload."""
    command: str


def report(results: Results) -> str:
    """Return the report as Markdown."""
    sections = [
        _head(results),
        _throughput(results),
        _nights(results.nights),
        _kindness(results.kindness),
        _erasures(results),
        _pages(results.pages),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _head(results: Results) -> str:
    return (
        "# Results\n\n"
        f"Written by `{results.command}`; read together with `NOTES.md`, which says what was tried where a target is\n"
        f"not reached. {platform.system()} on {platform.machine()}, Python {platform.python_version()}. Figures of\n"
        "one machine: the ratios count."
    )


def _throughput(results: Results) -> str:
    by_case: dict[tuple[str, int], dict[str, Figures]] = defaultdict(dict)
    for figures in results.throughput:
        by_case[figures.workload, figures.due][figures.contender] = figures
    rows = [_case(results.jobs[workload], *case.values()) for (workload, _), case in by_case.items()]
    if not rows:
        return ""
    head = (
        "workload", "rows", "floor, rows/s", "ours, rows/s", "of the floor", "object by object, rows/s",
        "row by row, rows/s", "times row by row", "batches", "median, p99, longest batch, ms", "WAL, bytes/row (floor)",
        "peak memory, MiB (floor)", "statements per 1,000 rows",
    )  # fmt: skip
    words = (
        "Pause 0. Each contender on a fresh copy of the same data; the attempt in the middle, and of the\n"
        f"slow contenders the first {SAMPLE:,} rows. The floor is the best single statement. Targets in brackets."
    )
    return f"## Throughput\n\n{words}\n\n{_table(head, rows)}"


def _case(job: str, floor: Figures, ours: Figures, django: Figures, row_by_row: Figures) -> tuple[str, ...]:
    batches = ours.batches or {}
    share, times = ours.rate / floor.rate, ours.rate / row_by_row.rate
    share_aim, times_aim = FLOOR.get(ours.workload) or FLOOR[job], ROW_BY_ROW.get(job, 50)
    milliseconds = [batches.get(f"{name}_seconds", 0) * 1_000 for name in ("median", "p99", "longest")]
    return (
        ours.workload,
        f"{ours.due:,}",
        f"{floor.rate:,.0f}",
        f"{ours.rate:,.0f}",
        _judged(f"{share:.2f}", f"{share_aim:g}", is_reached=share >= share_aim),
        f"{django.rate:,.0f}",
        f"{row_by_row.rate:,.0f}",
        _judged(f"{times:,.0f}", f"{times_aim}", is_reached=times >= times_aim),
        f"{batches.get('count', 0):,}",
        ", ".join(f"{each:,.0f}" for each in milliseconds),
        f"{ours.wal_bytes / ours.rows:,.0f} ({floor.wal_bytes / floor.rows:,.0f})",
        f"{ours.memory_bytes / MEBIBYTE:,.0f} ({floor.memory_bytes / MEBIBYTE:,.0f})",
        f"{ours.statements / ours.rows * 1_000:,.1f}",
    )


def _nights(nights: Sequence[Night]) -> str:
    if not nights:
        return ""
    head = ("workload", "rows that had been due", "whole run, ms", "slowest statement, ms")
    rows = [
        (night.workload, f"{night.rows:,}", f"{night.seconds * 1_000:,.0f}", f"{night.statement_seconds * 1_000:,.1f}")
        for night in nights
    ]
    words = "The same job once more, where everything is done: what a night costs in which nothing is due."
    return f"## A night with nothing due\n\n{words}\n\n{_table(head, rows)}"


def _kindness(kindness: Sequence[Kindness]) -> str:
    if not kindness:
        return ""
    head = (
        "beside", "rows done", "p50, ms (idle)", "p95, ms (idle)", "p95, times idle", "p99, ms (idle)",
        "p99 less idle, ms", "p99 batch, ms", "deadlocks, errors", "WAL, MiB/s", "dead rows", "growth, MiB",
        "VACUUM, s",
    )  # fmt: skip
    words = (
        "The site's typical queries, 50 a second: insert an audit log, read a user, upvote, attach an avatar; alone,\n"
        "and while a job works through a big backlog at default settings. Targets in brackets."
    )
    return f"## What the site notices\n\n{words}\n\n{_table(head, [_beside(each) for each in kindness])}"


def _beside(each: Kindness) -> tuple[str, ...]:
    idle, busy = _quantiles(each.idle), _quantiles(each.busy)
    times, more = busy[1] / idle[1], busy[2] - idle[2]
    longest = each.batches.get("p99_seconds", 0) * 1_000
    return (
        each.workload,
        f"{each.rows:,}",
        f"{busy[0]:.1f} ({idle[0]:.1f})",
        f"{busy[1]:.1f} ({idle[1]:.1f})",
        _judged(f"{times:.2f}", "1.5", is_reached=times <= 1.5),  # noqa: PLR2004 - the target
        f"{busy[2]:.1f} ({idle[2]:.1f})",
        _judged(f"{more:.1f}", "10", is_reached=more <= 10),  # noqa: PLR2004 - the target
        _judged(f"{longest:.0f}", "200", is_reached=longest <= 2 * BATCH_SECONDS * 1_000),
        f"{each.deadlocks}, {sum(each.errors.values())}",
        f"{each.wal_bytes_per_second / MEBIBYTE:.2f}",
        f"{each.dead_rows:,}",
        f"{each.growth_bytes / MEBIBYTE:,.1f}",
        f"{each.vacuum_seconds:.2f}",
    )


def _quantiles(milliseconds: Iterable[float]) -> tuple[float, float, float]:
    cuts = statistics.quantiles(milliseconds, n=100)
    return cuts[49], cuts[94], cuts[98]


def _erasures(results: Results) -> str:
    if not results.erasures:
        return ""
    limits = {"few": 110, "many": 110 + 2 * -(-results.erased_rows // 5_000)}
    rows = [
        (name, _judged(str(number), str(limit), is_reached=number <= limit))
        for name, number in results.erasures.items()
        for limit in [next(limit for rows, limit in limits.items() if rows in name)]
    ]
    words = (
        f"Of one user with five audit logs, and of one with {results.erased_rows:,}: at most 110, and two for every\n"
        "5,000 rows. Targets in brackets."
    )
    return f"## Statements of a deletion\n\n{words}\n\n{_table(('deletion', 'statements'), rows)}"


def _pages(pages: Mapping[str, Mapping[str, float]]) -> str:
    if not pages:
        return ""
    rows = [
        (
            name,
            _judged(f"{page['median']:.0f}", "100", is_reached=page["median"] <= 100),  # noqa: PLR2004 - the target
            f"{page['worst']:.0f}",
            _judged(f"{page['queries']}", "20", is_reached=page["queries"] <= 20),  # noqa: PLR2004 - the target
        )
        for name, page in pages.items()
    ]
    words = (
        "The server's time with a year of history, in one process, and the queries with nothing in the\n"
        "cache. Targets in brackets."
    )
    return f"## The operator's pages\n\n{words}\n\n{_table(('page', 'median, ms', 'worst, ms', 'queries'), rows)}"


def _judged(value: str, target: str, *, is_reached: bool) -> str:
    return f"{value} ({target})" if is_reached else f"**{value}** ({target}, missed)"


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)

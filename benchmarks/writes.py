"""What the search for erasures costs those who write audit logs: the index of addresses, the trigger for changes.

`python -m benchmarks.writes --rows 5000 --pairs 5` prints a line for each kind of write. Rows are written one by one,
as a site does, in transactions of a hundred; with and without the index and the trigger take turns. What is compared is
the processor time of the server's process.
"""

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from benchmarks.erasures import server_seconds
from benchmarks.server import server

EXISTING = 200_000
ADDRESSES = {
    "no address": """{"path": "/projects/1", "ms": 12, "title": "A project"}""",
    "an address": """{"note": "Sent to somebody@example.org", "ms": 12}""",
}


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.writes", description="What the search for erasures costs those who write audit logs."
    )
    parser.add_argument("--rows", type=int, default=5_000, help="written in each turn (default: 5000)")
    parser.add_argument("--pairs", type=int, default=5, help="turns with and without (default: 5)")
    options = parser.parse_args(arguments)
    with server() as running:
        running.migrate("measured")
        code = f"from benchmarks.writes import measure; measure({options.rows}, {options.pairs})"
        subprocess.run([sys.executable, "-c", code], check=True, env=running.environment("measured"))


def measure(rows: int, pairs: int) -> None:
    """Fill the table, and print what each kind of write costs."""
    import django

    django.setup()

    from benchmarks.bulk import bulk
    from benchmarks.workloads.base import add_people, settle_down
    from benchmarks.workloads.logs import add_logs

    with bulk():
        add_people(1_000)
        add_logs(EXISTING, oldest="364 days", youngest="1 day", personal=0.4, people=1_000)
    settle_down()
    print("| write | microseconds a row without | with | times |\n| --- | --- | --- | --- |")
    for content, metadata in ADDRESSES.items():
        _print(f"insert, {content}", _compared(_insert, metadata, rows, pairs))
    for content, metadata in ADDRESSES.items():
        _print(f"update of the metadata, {content}", _compared(_update, metadata, rows, pairs))


def _compared(write: Callable[[str, int], None], metadata: str, rows: int, pairs: int) -> tuple[float, float, float]:
    taken: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(pairs):
        for is_there, found in taken.items():
            _install(is_there=is_there)
            began = server_seconds()
            write(metadata, rows)
            found.append((server_seconds() - began) / rows * 1e6)
    times = statistics.median(on / off for off, on in zip(taken[False], taken[True], strict=True))
    return statistics.median(taken[False]), statistics.median(taken[True]), times


def _print(name: str, figures: tuple[float, float, float]) -> None:
    without, beside, times = figures
    print(f"| {name} | {without:,.0f} | {beside:,.0f} | {times:.2f} |", flush=True)


def _install(*, is_there: bool) -> None:
    from django.db import connection

    from bazaar.erasure import change_marks
    from bazaar.searches import address_index
    from benchmarks.workloads.base import execute

    if is_there:
        address_index.create(connection)
        change_marks.install_triggers()
    else:
        address_index.drop(connection)
        change_marks.drop_triggers(plan=[(None, False)])
    execute("VACUUM (ANALYZE) bazaar_auditlog")


def _insert(metadata: str, rows: int) -> None:
    statement = """
        INSERT INTO bazaar_auditlog (user_id, action, resource_type, resource_id, ip_address, user_agent, metadata,
            cleaned_version, created_at)
        VALUES (1, 'project.updated', 'project', %s, '203.0.113.7', 'Mozilla/5.0 (X11; Linux)', %s, 0, now())
    """
    _in_transactions([(statement, [str(number), metadata]) for number in range(rows)])


def _update(metadata: str, rows: int) -> None:
    statement = "UPDATE bazaar_auditlog SET metadata = %s WHERE id = %s"
    content = metadata[:-1] + ', "turn": ' + str(time.time_ns()) + "}"
    _in_transactions([(statement, [content, number]) for number in range(1, rows + 1)])


def _in_transactions(statements: list[tuple[str, list[str | int]]]) -> None:
    from django.db import connection, transaction

    for start in range(0, len(statements), 100):
        with transaction.atomic(), connection.cursor() as cursor:
            for statement, values in statements[start : start + 100]:
                cursor.execute(statement, values)


if __name__ == "__main__":
    main(sys.argv[1:])

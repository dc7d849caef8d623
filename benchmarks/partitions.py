"""What partitions of the audit log cost and save: seconds of a lock, bytes of WAL, the look-ups of an erasure.

`python -m benchmarks.partitions --rows 3000000` prints a line of JSON for each measurement.
"""

import argparse
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from typing import Any, Self

from benchmarks import bulk
from benchmarks.erasures import measure
from benchmarks.server import Server, server

MONTHS = 26
DUE = 3
"""One in so many rows is in the month that goes."""


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.partitions", description="What partitions cost.")
    parser.add_argument("--rows", type=int, default=600_000, help="audit logs (default: 600000)")
    parser.add_argument("--requests", type=int, default=20, help="deletion requests that are due (default: 20)")
    options = parser.parse_args(arguments)
    with server() as running:
        running.migrate("empty")
        _apart(running, "empty", f"adoption({options.rows})")
        for partitioned in (False, True):
            _apart(running, "empty", f"deletion({options.rows}, {partitioned})")
        for partitioned in (False, True):
            _apart(running, "empty", f"erasures({options.rows // 10}, {options.requests}, {partitioned})")


def _apart(running: Server, source: str, call: str) -> None:
    running.copy(source, "measured")
    code = f"import django; django.setup(); from benchmarks import partitions; partitions.{call}"
    environment = running.environment("measured") | {"AUDIT_LOG_DELETE_YEARS": "2"}
    print(call, flush=True)
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


def adoption(rows: int) -> None:
    """Adopt a table while somebody writes to it without a pause."""
    from django.utils import timezone

    from bazaar.partitions import adoption

    _fill(rows)
    with _Writer() as writer:
        began = time.perf_counter()
        locked = adoption.adopt(timezone.now())
        seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "locked": locked, "written": writer.number, "longest": writer.longest}))


def deletion(rows: int, partitioned: bool) -> None:
    """Delete the oldest month: a third of all rows."""
    from django.db import connection

    from maintenance.engine.runner import run_now

    if partitioned:
        _partition()
    _fill(rows)

    def one_statement() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "BEGIN; DELETE FROM bazaar_auditlog WHERE created_at < now() - interval '24 months'; ROLLBACK"
            )

    ways: dict[str, Callable[[], Any]] = {"run": lambda: run_now("delete-audit-logs", confirm_count=rows)}
    if not partitioned:
        ways = {"one statement, rolled back": one_statement} | ways
    for way, act in ways.items():
        wal, size, began = _wal(), _size(), time.perf_counter()
        result = act()
        figures = {"seconds": time.perf_counter() - began, "wal": _wal() - wal, "bytes": _size() - size}
        print(json.dumps({"way": way, **figures, "message": getattr(result, "message", "")}), flush=True)
    if not partitioned:
        began = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute("VACUUM bazaar_auditlog")
        print(json.dumps({"way": "VACUUM", "seconds": time.perf_counter() - began, "bytes": _size()}))


def erasures(rows: int, requests: int, partitioned: bool) -> None:
    """Carry out deletion requests."""
    bulk.bulk = nullcontext  # type: ignore[assignment] # the indexes of partitions cannot be left out
    if partitioned:
        _partition()
    measure(rows, requests)


class _Writer:
    """Inserts a log and changes it, again and again, on a connection of its own."""

    def __enter__(self) -> Self:
        self.number, self.longest, self._ends = 0, 0.0, threading.Event()
        self._thread = threading.Thread(target=self._write)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()

    def _write(self) -> None:
        from django.db import connection

        from bazaar.models import AuditLog

        while not self._ends.is_set():
            began = time.perf_counter()
            log = AuditLog.objects.create(action="x", metadata={})
            AuditLog.objects.filter(pk=log.pk).update(user_agent="y")
            self.longest = max(self.longest, time.perf_counter() - began)
            self.number += 1
        connection.close()


def _partition() -> None:
    """Make an empty audit log one with a partition for each month."""
    from django.utils import timezone

    from bazaar.partitions import adoption, layout, months

    adoption.adopt(timezone.now() - timedelta(days=31 * (MONTHS + 1)))
    months.extend(layout.read(), timezone.now(), tries=1)


def _fill(rows: int) -> None:
    """Insert logs in the order of their age: a third in one month two years ago, the others since."""
    from benchmarks.workloads.base import add_people, execute, settle_down

    add_people(1000)
    insert = """
        INSERT INTO bazaar_auditlog (user_id, action, resource_type, resource_id, ip_address, user_agent, metadata,
            cleaned_version, created_at)
        SELECT 1 + n %% 1000, 'project.updated', 'project', n::text, '203.0.113.7', 'Mozilla/5.0 (X11; Linux x86_64)',
            jsonb_build_object('by', 'user' || n %% 9999 || '@example.org', 'text', repeat('a word ', 12)), 0,
            {at} FROM generate_series(1, %(rows)s) n
    """
    month, old = "date_trunc('month', now())", rows // DUE
    execute(insert.format(at=f"{month} - interval '25 months' + (interval '25 days' * n) / %(rows)s"), rows=old)
    execute(
        insert.format(at=f"{month} - interval '23 months' + ((now() - {month} + interval '23 months') * n) / %(rows)s"),
        rows=rows - old,
    )
    settle_down()


def _wal() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')")
        return int(cursor.fetchone()[0])


def _size() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relname ~ '^bazaar_auditlog' AND relkind = 'r'"
        )
        return int(cursor.fetchone()[0])


if __name__ == "__main__":
    main(sys.argv[1:])

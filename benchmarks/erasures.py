"""What erasures cost beside tables of different sizes: seconds, processor time, and rows read.

Rows do not depend on the machine, processor time less than seconds do.

`python -m benchmarks.erasures --rows 500000 5000000 --requests 100` prints a line of JSON for each size.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.server import Server, server

PEOPLE = 10_000
LOGS_OF_PEOPLE = 50_000
FURNITURE = (
    """
    INSERT INTO bazaar_pushtoken (user_id, token, platform, last_used_at, created_at)
    SELECT n, 'token' || n, 'ios', now(), now() - interval '3 days' FROM generate_series(1, %(people)s) n
    """,
    """
    INSERT INTO bazaar_loginattempt (user_id, email, success, ip_address, user_agent, network, device, created_at)
    SELECT n, 'user' || n || '@example.org', true, '203.0.113.7', 'Mozilla/5.0', '', '', now() - interval '3 days'
    FROM generate_series(1, %(people)s) n
    """,
    """
    INSERT INTO bazaar_project (id, title, description, url, repo_url, status, is_featured, created_at, updated_at)
    SELECT n, 'Project ' || n, repeat('About it. ', 20), '', '', 'building', false, now() - interval '1 year',
        now() - interval '3 days'
    FROM generate_series(1, %(people)s) n
    """,
    """
    INSERT INTO bazaar_collaborator (user_id, project_id, role, created_at)
    SELECT 1 + (n + role.place) %% %(people)s, n, role.name, now() - interval '3 days'
    FROM generate_series(1, %(people)s) n, (VALUES (0, 'creator'), (7, 'contributor')) AS role(place, name)
    """,
    """
    INSERT INTO bazaar_upvote (user_id, project_id, created_at)
    SELECT 1 + (n + away) %% %(people)s, n, now() - interval '3 days'
    FROM generate_series(1, %(people)s) n, generate_series(1, 3) away
    """,
)
"""What everybody has beside logs and notifications: a phone, a log-in, a project, work on another one, three votes."""


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.erasures", description="What erasures cost beside tables of different sizes."
    )
    parser.add_argument("--rows", type=int, nargs="+", default=[50_000, 500_000], help="audit logs of everybody")
    parser.add_argument("--requests", type=int, default=20, help="deletion requests that are due (default: 20)")
    options = parser.parse_args(arguments)
    with server() as running:
        running.migrate("empty")
        for rows in options.rows:
            running.copy("empty", "measured")
            print(_apart(running, rows, options.requests), flush=True)


def _apart(running: Server, rows: int, requests: int) -> str:
    code = f"from benchmarks.erasures import measure; measure({rows}, {requests})"
    environment = running.environment("measured")
    return subprocess.run(
        [sys.executable, "-c", code], check=True, env=environment, stdout=subprocess.PIPE, text=True
    ).stdout.strip()


def measure(rows: int, requests: int) -> None:
    """Fill the database, carry out the requests as the job does, and print the cost."""
    import django

    django.setup()

    from bazaar import erasure
    from maintenance.engine.runner import run_now

    _fill(rows)
    _ask(requests)
    before, began = _rows_read(), time.perf_counter()
    marks: dict[str, Any] = {}
    erase = erasure.erase

    def noted(*arguments: Any, **options: Any) -> Any:
        if not marks:
            marks.update(first=time.perf_counter() - began, read=_rows_read())
            marks.update(python=time.process_time(), server=server_seconds())
        return erase(*arguments, **options)

    erasure.erase = noted
    result = run_now("finalize-deletions", confirm_count=10**9)
    seconds, after = time.perf_counter() - began, _rows_read()
    python, used = time.process_time() - marks["python"], server_seconds() - marks["server"]
    figures = {
        "audit_logs": rows,
        "requests": requests,
        "status": result.status,
        "seconds": round(seconds, 1),
        "seconds_before_the_first": round(marks["first"], 1),
        "ms_of_python_for_each": round(python / requests * 1000),
        "ms_of_the_server_for_each": round(used / requests * 1000),
        "memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "rows_read_by_the_search": sum(marks["read"].values()) - sum(before.values()),
    }
    print(json.dumps(figures | _read_for_each(marks["read"], after, requests)))


def _read_for_each(before: dict[str, int], after: dict[str, int], requests: int) -> dict[str, Any]:
    tables = {name: round((after[name] - before.get(name, 0)) / requests) for name in after}
    return {
        "rows_read_for_each_person": round((sum(after.values()) - sum(before.values())) / requests),
        "most_of_them": dict(sorted(tables.items(), key=lambda item: -item[1])[:4]),
    }


def _ask(requests: int) -> None:
    """Make so many deletion requests that are due, in each mode by turns."""
    from django.utils import timezone

    from bazaar.models import DeletionRequest, User

    past = timezone.now() - timedelta(days=1)
    for number, user in enumerate(User.objects.order_by("pk")[:requests]):
        DeletionRequest.objects.create(
            user=user, user_pk=user.pk, scheduled_for=past, anonymize_contributions=bool(number % 2)
        )


def _fill(rows: int) -> None:
    from benchmarks.bulk import bulk
    from benchmarks.workloads.base import add_people, execute, settle_down
    from benchmarks.workloads.logs import add_logs

    with bulk():
        add_people(PEOPLE)
        execute("UPDATE bazaar_user SET updated_at = now() - interval '9 days'")
        # The logs of the people who go are as many in each size: those of the others are more.
        fill = partial(add_logs, oldest="364 days", youngest="1 day", personal=0.4, people=PEOPLE)
        of_people = min(rows, LOGS_OF_PEOPLE)
        fill(of_people)
        fill(rows - of_people, user="%(people)s", after=of_people)
        execute(
            """
            INSERT INTO bazaar_notification (user_id, type, title, body, data, read, created_at)
            SELECT 1 + n %% %(people)s, 'vote', 'A vote', 'Somebody likes it', '{}', false, now() - interval '3 days'
            FROM generate_series(1, %(rows)s) n
            """,
            people=PEOPLE,
            rows=PEOPLE * 5,
        )
        for statement in FURNITURE:
            execute(statement, people=PEOPLE)
    settle_down()


def server_seconds() -> float:
    """Return the processor time of the server's process that works for this one (Linux)."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _rows_read() -> dict[str, int]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush(), pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT relname, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables"
        )
        return dict(cursor.fetchall())


if __name__ == "__main__":
    main(sys.argv[1:])

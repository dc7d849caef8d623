"""A real PgBouncer before the database: session mode works, the other modes are refused."""

import os

import pytest
from django.db import connection

from maintenance.models import JobRun
from tests.processes import pgbouncer
from tests.processes.database import backend
from tests.processes.pgbouncer import PgBouncer

pytestmark = [
    pytest.mark.process,
    pytest.mark.postgresql,  # SQLite has no connections that could be pooled
    pytest.mark.django_db(transaction=True),
]

Status = JobRun.Status


@pytest.fixture
def pool(tmp_path):
    """Start a pool; it stops after the test."""
    if pgbouncer.PROGRAM is None:
        reason = "PgBouncer is missing: `apt-get install pgbouncer` has it."
        if os.environ.get("PGBOUNCER_TESTS") == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    pools = []

    def start(mode, **options):
        pools.append(PgBouncer(connection.settings_dict, tmp_path, mode, **options))
        return pools[-1]

    yield start
    for each in pools:
        each.stop()


def test_each_run_knows_its_backend_behind_a_pool_of_sessions(backlog, start, run, until_done, pool):
    due = backlog(50)
    url = pool("session").url
    for _ in range(5):
        ended = run(due.job.command, DATABASE_URL=url)
        assert ended.status == 0, ended
    due.add(1_000)
    command = start(due.job.command, DATABASE_URL=url, MAINTENANCE_BATCH_PAUSE="0.05")
    on = until_done(command)

    assert backend(on), "the row has the number of the server's process"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [on.backend_pid])

    assert command.wait().status == 0
    due.assert_finished()


@pytest.mark.parametrize("round_robin", [False, True])
@pytest.mark.parametrize("mode", ["transaction", "statement"])
def test_a_pool_that_keeps_no_session_is_refused(mode, round_robin, backlog, run, pool):
    due = backlog(50)
    url = pool(mode, round_robin=round_robin).url

    for command in ([due.job.command], ["cluster"]):
        ended = run(*command, DATABASE_URL=url)

        assert ended.status == os.EX_CONFIG, ended
        assert "The connection pool gives each transaction another session" in ended.err
        assert "Traceback" not in ended.text
    assert due.left() == due.made
    assert not JobRun.objects.exists()

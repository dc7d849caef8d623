"""Commands as real processes on the tests' database, rows for them by the thousand, and waiting for what happens."""

import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models.functions import Now

from maintenance.core import registry
from maintenance.engine import lease
from maintenance.models import JobRun
from tests.processes.command import LEASE, Command, Ended, database_url
from tests.processes.database import Trigger
from tests.processes.own_databases import PostgresqlDatabase, SqliteFile
from tests.processes.proxy import Proxy
from tests.processes.replicas import Pair
from tests.processes.rows import Backlog

Status = JobRun.Status


@pytest.fixture
def only_in_long_form(long_form: bool) -> None:
    if not long_form:
        pytest.skip("only with --long")


@pytest.fixture
def environment(transactional_db: None, tmp_path: Path) -> dict[str, str]:
    """The environment of a command on the tests' database: many small batches, and a short lease."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL", "TZ") if name in os.environ}
    return inherited | {
        "DJANGO_SETTINGS_MODULE": "bazaar.settings",
        "ENV_FILE": "",
        "PYTHONFAULTHANDLER": "1",
        "SECRET_KEY": "only-for-tests-" + "0" * 50,
        "DATABASE_URL": database_url(connection.settings_dict),
        "LEDGER_DATABASE_URL": database_url(connections["ledger"].settings_dict),
        "UPLOADS_PATH": os.environ["UPLOADS_PATH"],
        "CACHE_URL": f"filecache://{tmp_path / 'cache'}",
        "MAINTENANCE_LEASE_SECONDS": str(LEASE),
        "MAINTENANCE_BATCH_SECONDS": "0.0001",
        "MAINTENANCE_BATCH_PAUSE": "0",
        "MAINTENANCE_DUTY_CYCLE": "0",  # a pause that a test asks for is as long as it says
    }


@pytest.fixture
def start(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Command]]:
    """Start a command; keyword arguments are environment variables, `None` takes one away."""
    commands = []

    def start(*arguments: str, by: Sequence[str] = (), **variables: Any) -> Command:
        wanted = {name: str(value) for name, value in (environment | variables).items() if value is not None}
        commands.append(Command(arguments, wanted, tmp_path_factory.mktemp("command"), by))
        return commands[-1]

    yield start
    for command in commands:
        command.dispose()


@pytest.fixture
def run(start: Callable[..., Command]) -> Callable[..., Ended]:
    """Run a command to its end."""
    return lambda *arguments, **variables: start(*arguments, **variables).wait()


@pytest.fixture
def until() -> Callable[..., Any]:
    """Wait until a condition is true, and return what it returned; `seconds` only end a test that hangs."""

    def wait(condition: Callable[[], Any], seconds: float = 180) -> Any:
        deadline = time.monotonic() + seconds
        while not (result := condition()):
            assert time.monotonic() < deadline, f"It did not happen within {seconds} s. {list(JobRun.objects.values())}"
            time.sleep(0.005)
        return result

    return wait


@pytest.fixture
def until_done(until: Callable[..., Any]) -> Callable[..., JobRun]:
    """Wait until the run of a command is on and has done so many items; return it."""

    def wait(command: Command, items: int = 1) -> JobRun:
        def look() -> JobRun | None:
            if command.has_ended():
                raise AssertionError(f"It ended too soon: {command.wait()}")
            on = JobRun.objects.filter(status=Status.RUNNING, pid=command.process.pid)
            return on.filter(items_done__gte=items).first()

        return until(look)

    return wait


@pytest.fixture
def backlog(transactional_db: None) -> Callable[..., Backlog]:
    """Make so many rows that are due for a job."""
    return lambda due, job="cleanup-push-tokens": Backlog(registry.get(job), due)


@pytest.fixture
def chance() -> random.Random:
    """Random numbers; the seed is shown when a test fails, and `PROCESS_TEST_SEED` repeats it."""
    seed = int(os.environ.get("PROCESS_TEST_SEED") or random.SystemRandom().randrange(1_000_000))
    sys.stdout.write(f"PROCESS_TEST_SEED={seed}\n")
    return random.Random(seed)


@pytest.fixture
def expire() -> Callable[[], None]:
    """Let the leases of all runs be over, where waiting for it is not the point."""
    return lambda: JobRun.objects.filter(status=Status.RUNNING).update(heartbeat_at=Now() - 2 * lease.lease_time())


@pytest.fixture
def trigger(transactional_db: None) -> Iterator[Trigger]:
    """A trigger that is gone after the test."""
    trigger = Trigger()
    yield trigger
    trigger.drop()


@pytest.fixture
def proxy(transactional_db: None) -> Iterator[Proxy]:
    """A wire to PostgreSQL that the test can cut: `proxy.url` is a `DATABASE_URL`."""
    proxy = Proxy(connection.settings_dict)
    yield proxy
    proxy.refuse()
    proxy.cut()


@pytest.fixture
def pair_of_servers(until: Callable[..., Any], run: Callable[..., Ended]) -> Iterator[Pair]:
    """Two servers with a migrated database, of which the second follows the first."""
    pair = Pair(until)
    ended = run("migrate", "--verbosity=0", **pair.variables)
    assert ended.status == 0, ended
    yield pair
    pair.stop()


@pytest.fixture
def own_database(tmp_path: Path) -> Iterator[SqliteFile | PostgresqlDatabase]:
    """A main database of the test's own, in which nothing is, not even a table."""
    database = SqliteFile(tmp_path) if connection.vendor == "sqlite" else PostgresqlDatabase(tmp_path)
    yield database
    database.drop()


@pytest.fixture
def own_variables(own_database: SqliteFile | PostgresqlDatabase, tmp_path: Path) -> dict[str, str]:
    """Variables of a command on that database; its ledger is a file of its own, in which nothing is."""
    return {
        "DATABASE_URL": own_database.url,
        "LEDGER_DATABASE_URL": f"sqlite:///{tmp_path / 'ledger.sqlite3'}",
        "UPLOADS_PATH": str(tmp_path / "uploads"),
    }


@pytest.fixture
def manage(own_variables: dict[str, str], run: Callable[..., Ended]) -> Callable[..., Any]:
    """Run a command on that database; return what it printed, or its JSON."""

    def manage(*arguments: Any, status: int = 0, **variables: Any) -> Any:
        ended = run(*map(str, arguments), **own_variables | variables)
        assert ended.status == status, ended.text
        return ended.json if "--json" in arguments else ended.text

    return manage

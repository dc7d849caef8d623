"""A restore drill with real commands, dumps and files: after the replay, every person is as decided."""

import json
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from django.db import connection

from tests.processes.catalogue import catalogue, differences
from tests.processes.command import database_url

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]
PEOPLE = ("took_back", "erased", "erased_before", "released", "asked", "deleted", "held", "free")
PAST = "2020-01-01 00:00:00+00:00"


class SqliteFile:
    """A main database in a file; a backup is a copy of the file."""

    def __init__(self, folder: Path) -> None:
        self.file, self.backup = folder / "main.sqlite3", folder / "backup.sqlite3"
        self.url = f"sqlite:///{self.file}"

    def execute(self, sql: str) -> list[tuple]:
        with closing(sqlite3.connect(self.file, timeout=20)) as database, database:
            return database.execute(sql).fetchall()

    def schema(self) -> dict[str, str]:
        with closing(sqlite3.connect(self.file)) as database:
            return catalogue(database.cursor(), "sqlite")

    def dump(self) -> None:
        self.execute("SELECT 1")
        with closing(sqlite3.connect(self.file)) as source, closing(sqlite3.connect(self.backup)) as target:
            source.backup(target)

    def restore(self) -> None:
        for suffix in ("-wal", "-shm"):
            Path(f"{self.file}{suffix}").unlink(missing_ok=True)
        shutil.copy(self.backup, self.file)

    def drop(self) -> None:
        """Nothing is left behind: the folder goes."""


class PostgresqlDatabase:
    """A main database on the tests' server; a backup is made by `pg_dump` and restored by `pg_restore`."""

    def __init__(self, folder: Path) -> None:
        self.name, self.backup = f"drill_{uuid4().hex}", folder / "backup.dump"
        self.url = database_url(connection.settings_dict | {"NAME": self.name})
        self._server = database_url(connection.settings_dict | {"NAME": "postgres"})
        self._create()

    def _on_server(self, sql: str) -> psycopg.Cursor:
        with psycopg.connect(self._server, autocommit=True) as server:
            return server.execute(sql)

    def _create(self) -> None:
        self._on_server(f"CREATE DATABASE {self.name}")

    def execute(self, sql: str) -> list[tuple]:
        with psycopg.connect(self.url) as database:
            cursor = database.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def schema(self) -> dict[str, str]:
        """Return the catalogue without casts and parentheses, which PostgreSQL puts anew when it reads a dump."""
        with psycopg.connect(self.url) as database:
            found = catalogue(database.cursor(), "postgresql")
        return {name: re.sub(r"::[a-z ]+(\[\])?|[()]", "", definition) for name, definition in found.items()}

    def _tool(self, name: str, *arguments: str) -> None:
        """Run a tool of the server's own version, beside the server, or the system's for a server elsewhere."""
        [(folder,)] = self._on_server("SELECT setting FROM pg_config WHERE name = 'BINDIR'").fetchall()
        beside = Path(folder, name)
        tool = str(beside) if beside.exists() else name
        done = subprocess.run([tool, *arguments], check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def dump(self) -> None:
        self._tool("pg_dump", "--format=custom", f"--file={self.backup}", self.url)

    def restore(self) -> None:
        self.drop()
        self._create()
        self._tool("pg_restore", f"--dbname={self.url}", str(self.backup))

    def drop(self) -> None:
        self._on_server(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")


@pytest.fixture
def main(tmp_path: Path) -> Iterator[SqliteFile | PostgresqlDatabase]:
    database = SqliteFile(tmp_path) if connection.vendor == "sqlite" else PostgresqlDatabase(tmp_path)
    yield database
    database.drop()


@pytest.fixture
def manage(main, run, tmp_path):
    """Run a command on the drill's databases; the ledger is a file of its own."""
    variables = {
        "DATABASE_URL": main.url,
        "LEDGER_DATABASE_URL": f"sqlite:///{tmp_path / 'ledger.sqlite3'}",
        "UPLOADS_PATH": str(tmp_path / "uploads"),
    }

    def manage(*arguments: str, status: int = 0):
        ended = run(*map(str, arguments), **variables)
        assert ended.status == status, ended.text
        return json.loads(ended.out) if "--json" in arguments else ended.text

    return manage


MAKE = """
from bazaar.models import *
for number, name in enumerate({names}):
    user = User.objects.create_user(f"{{name}}@example.org", name=name.title())
    LoginAttempt.objects.create(user=user, email=user.email, success=True)
    PushToken.objects.create(user=user, token=name, platform="ios")
    print(user.pk)
"""


def test_after_a_restore_and_a_replay_every_person_is_as_decided(main, manage):
    manage("migrate", "--verbosity=0")
    made = manage("shell", "--no-imports", "-c", MAKE.format(names=PEOPLE)).split()
    ids = dict(zip(PEOPLE, made, strict=True))

    def ask(name, *options):
        return manage("deletions", "request", ids[name], *options, "--json")["id"]

    def let_be_due(*requests):
        main.execute(
            f"UPDATE bazaar_deletionrequest SET scheduled_for = '{PAST}' WHERE id IN ({', '.join(map(str, requests))})"
        )

    def hold(name):
        return manage("holds", "set", ids[name], "--reason", "authority", "--review", "2999-01-01", "--json")["id"]

    taken_back, erased = ask("took_back"), ask("erased")
    let_be_due(ask("erased_before"))
    lasting = hold("released")
    manage("finalize_deletions")

    main.dump()

    manage("deletions", "cancel", taken_back, "--reason", "changed_mind")
    ask("asked")
    let_be_due(erased, ask("deleted", "--full"))
    ask("held")
    hold("held")
    manage("holds", "release", lasting)
    manage("finalize_deletions")
    as_decided = people_of(main)

    main.restore()
    assert people_of(main) != as_decided, "the backup is older"
    for refused in (["finalize_deletions"], ["deletions", "request", ids["free"]]):
        assert "ledger replay" in manage(*refused, status=78)
    assert "job-refuses" in json.dumps(manage("doctor", "--json", status=1))

    manage("migrate", "--verbosity=0")
    planned = manage("ledger", "replay", "--dry-run", "--json")
    done = manage("ledger", "replay", "--json")
    assert done["done"] == planned["done"] == {"cancelled": 1, "erasing": 2, "held": 1, "released": 1, "requested": 3}
    assert done["conflicts"] == []
    manage("finalize_deletions")

    assert people_of(main) == as_decided
    assert manage("ledger", "replay", "--json")["entries"] == 0
    assert people_of(main) == as_decided
    assert manage("personal_data", "verify", "--json") == []
    assert manage("ledger", "check", "--json")["breaks"] == []
    assert "@example.org" not in manage("ledger", "export")


def test_a_restored_backup_has_the_schema_and_the_schedules_of_its_database(main, manage):
    manage("migrate", "--verbosity=0")
    manage("jobs", "schedule", "cleanup-push-tokens", "7 5 * * 3")
    manage("jobs", "disable", "cleanup-invitations")
    rows = (
        "SELECT id, name, func, args, kwargs, schedule_type, repeats, next_run, cron FROM django_q_schedule ORDER BY id"
    )
    schedules, schema = main.execute(rows), main.schema()
    assert "7 5 * * 3" in str(schedules)
    assert len([name for name in schema if "trigger " in name]) > 10

    main.dump()
    main.restore()

    assert differences(main.schema(), schema) == {}
    assert main.execute(rows) == schedules
    manage("migrate", "--verbosity=0")
    manage("sync_schedules")
    assert differences(main.schema(), schema) == {}
    assert main.execute(rows) == schedules


def people_of(main):
    """Return what has been decided of whom, and whether they are still there."""
    state = """
        SELECT people.name, people.is_active, requests.status, requests.anonymize_contributions, holds.status
        FROM bazaar_user people
        LEFT JOIN bazaar_deletionrequest requests ON requests.user_id = people.id
        LEFT JOIN holds_hold holds ON holds.user_id = people.id
        ORDER BY people.id
    """
    return main.execute(state)

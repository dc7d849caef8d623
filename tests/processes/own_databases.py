"""A main database for one test: filled by commands, dumped, restored, migrated back."""

import re
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import psycopg
from django.db import connection

from tests.processes.catalogue import catalogue
from tests.processes.command import database_url


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
        self.drop()
        shutil.copy(self.backup, self.file)

    def create(self) -> None:
        """The first connection makes the file."""

    def drop(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.file}{suffix}").unlink(missing_ok=True)


class PostgresqlDatabase:
    """A main database on the tests' server; a backup is made by `pg_dump` and restored by `pg_restore`."""

    def __init__(self, folder: Path) -> None:
        self.name, self.backup = f"drill_{uuid4().hex}", folder / "backup.dump"
        self.url = database_url(connection.settings_dict | {"NAME": self.name})
        self._server = database_url(connection.settings_dict | {"NAME": "postgres"})
        self.create()

    def _on_server(self, sql: str) -> psycopg.Cursor:
        with psycopg.connect(self._server, autocommit=True) as server:
            return server.execute(sql)

    def create(self) -> None:
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
        self.create()
        self._tool("pg_restore", f"--dbname={self.url}", str(self.backup))

    def drop(self) -> None:
        self._on_server(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")

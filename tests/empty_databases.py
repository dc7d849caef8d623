"""URLs of databases in which nothing is, for a process of its own."""

from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg


def sqlite_files(folder: Path) -> dict[str, str]:
    """Return the variables with two files that are not there yet."""
    files = {"DATABASE_URL": folder / "db.sqlite3", "LEDGER_DATABASE_URL": folder / "ledger.sqlite3"}
    return {name: f"sqlite:///{file}" for name, file in files.items()}


def databases_of(server: str) -> dict[str, str]:
    """Return the variables with two empty databases of a new server."""
    ledger = urlsplit(server)._replace(path="/ledger")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE ledger")
    return {"DATABASE_URL": server, "LEDGER_DATABASE_URL": urlunsplit(ledger)}

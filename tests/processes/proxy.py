"""A wire between a command and PostgreSQL that the test can cut."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote


class Proxy:
    """Forwards connections to the server that `config`, an entry of `DATABASES`, names; `url` is the way through it."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._config = config
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []
        self._deaf: set[socket.socket] = set()
        self._is_commit_fatal = False
        self.lost_commits = 0
        user, password = quote(config["USER"], safe=""), quote(config["PASSWORD"] or "", safe="")
        address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.url = f"postgres://{user}:{password}@{address}/{config['NAME']}?sslmode=disable&gssencmode=disable"
        threading.Thread(target=self._serve, daemon=True).start()

    def refuse(self) -> None:
        """Let no more connections in; those that there are stay."""
        _shut(self._listener)
        self._listener.close()

    def cut(self) -> None:
        """End everything."""
        for end in self._sockets:
            _shut(end)
            end.close()

    def lead_to(self, config: Mapping[str, Any]) -> None:
        """Forward new connections to another server, as an address does that a provider moves after a fail-over."""
        self._config = config

    def lose_next_answer_to_commit(self) -> None:
        """Pass the next COMMIT on to the server, and cut that connection when the server has answered."""
        self._is_commit_fatal = True

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = self._connect()
            except OSError:  # there is no server now
                client.close()
                continue
            self._sockets += [client, server]
            threading.Thread(target=self._forward, args=(client, server), daemon=True).start()
            threading.Thread(target=self._backward, args=(server, client), daemon=True).start()

    def _connect(self) -> socket.socket:
        host = self._config["HOST"] or self._config["OPTIONS"].get("host") or "localhost"
        port = int(self._config["PORT"] or 5432)
        if not host.startswith("/"):
            return socket.create_connection((host, port))
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(f"{host}/.s.PGSQL.{port}")
        except OSError:
            server.close()
            raise
        return server

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):  # either side may have gone first
            for data in _pieces(client):
                if self._is_commit_fatal and b"COMMIT" in data:
                    self._is_commit_fatal = False
                    self._deaf.add(client)
                server.sendall(data)
        _shut(server)

    def _backward(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            for data in _pieces(server):
                if client in self._deaf:
                    self.lost_commits += 1
                    break
                client.sendall(data)
        _shut(client)
        _shut(server)


def _pieces(source: socket.socket) -> Iterator[bytes]:
    while data := source.recv(65536):
        yield data


def _shut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)

"""A real HTTP server for tests, on this machine, which records what it gets, and can be slow, refuse or hang."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TAKES, REFUSES, HANGS, BREAKS_OFF = "takes", "refuses", "hangs", "breaks off"


@dataclass
class Sink:
    """What the server does, and the requests that it got: path and body."""

    way: str = TAKES
    delay: float = 0.0
    requests: list[tuple[str, str]] = field(default_factory=list)
    port: int = 0
    released: threading.Event = field(default_factory=threading.Event)
    has_request: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str = "/", scheme: str = "json") -> str:
        return f"{scheme}://127.0.0.1:{self.port}{path}"

    @property
    def paths(self) -> list[str]:
        return [path for path, _body in self.requests]

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _path, body in self.requests]

    @property
    def titles(self) -> list[str]:
        """The titles of alerts, without the name of the site."""
        return [message["title"].partition(": ")[2] for message in self.messages]


def _handler(sink: Sink) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            sink.requests.append((self.path, self.rfile.read(length).decode()))
            sink.has_request.set()
            if sink.way == HANGS:
                sink.released.wait(60)
            elif sink.delay:
                sink.released.wait(sink.delay)
            if sink.way in (HANGS, BREAKS_OFF):
                self.connection.close()
                return
            self.send_response(500 if sink.way == REFUSES else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_arguments: Any) -> None:
        """Say nothing of a client that is gone."""


@contextmanager
def http_sink(**values: Any) -> Iterator[Sink]:
    """Run a server on a port that the system chooses."""
    sink = Sink(**values)
    server = _Server(("127.0.0.1", 0), _handler(sink))
    sink.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield sink
    finally:
        sink.released.set()
        server.shutdown()
        server.server_close()

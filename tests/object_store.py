"""A real server with the API of S3, on this machine: it records what it is asked, and can refuse, fail or be slow."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

KEY, SECRET = "ANNSKEYID", "Tr0ub4dor/+"
BUCKET = "uploads-of-tests"
Fault = Callable[[str, str], tuple[int, str] | None]


@dataclass
class ObjectStore:
    """Where it listens, the requests that it got by their kind, and how it fails.

    `fault` is given the kind and the path of a request; it returns the status and the code of an error, or `None`.
    """

    port: int = 0
    requests: Counter[str] = field(default_factory=Counter)
    fault: Fault | None = None

    def url(self, bucket: str = BUCKET, *, secret: str = "Tr0ub4dor%2F%2B", options: str = "region=us-east-1") -> str:
        return f"s3+http://{KEY}:{secret}@127.0.0.1:{self.port}/{bucket}?{options}"

    def client(self) -> Any:
        import boto3

        return boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{self.port}",
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
            region_name="us-east-1",
        )

    def put(self, keys: Iterable[str]) -> None:
        """Let objects be there without a request for each."""
        from moto.core import DEFAULT_ACCOUNT_ID
        from moto.s3.models import s3_backends

        for key in keys:
            s3_backends[DEFAULT_ACCOUNT_ID]["aws"].put_object(BUCKET, key, b"123")

    def answer(self, environ: dict[str, Any], otherwise: Callable[[], Any], start: Callable[..., Any]) -> Any:
        kind = kind_of(environ["REQUEST_METHOD"], environ["QUERY_STRING"], environ["PATH_INFO"])
        self.requests[kind] += 1
        error = self.fault and self.fault(kind, environ["PATH_INFO"])
        if not error:
            return otherwise()
        status, code = error
        start(f"{status} Error", [("Content-Type", "application/xml")])
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        text = (
            ""
            if environ["REQUEST_METHOD"] == "HEAD"
            else f"<Error><Code>{code}</Code><Message>ann@example.org</Message></Error>"
        )
        return [text.encode()]


def kind_of(method: str, query: str, path: str) -> str:
    """Return the kind of a request: method, what it is about, and the first parameter that names an operation."""
    about = "object" if path.strip("/").count("/") else "bucket"
    named = [name for name in parse_qs(query, keep_blank_values=True) if name in {"delete", "versions", "versioning"}]
    return " ".join([method, *(named or [about])])


@contextmanager
def running() -> Iterator[ObjectStore]:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
    from werkzeug.serving import make_server

    store, backend = ObjectStore(), DomainDispatcherApplication(create_backend_app)

    class Quiet(MotoRequestHandler):
        def log(self, *_args: Any) -> None:
            pass

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        return store.answer(environ, lambda: backend(environ, start), start)

    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Quiet)
    store.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield store
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

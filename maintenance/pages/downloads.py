"""Tables as files: one form of the answer for all pages that export."""

from collections.abc import Iterator
from typing import overload

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
"""By the ending of the file, which is also the value of `format` in an address."""


@overload
def download(content: str, name: str, kind: str) -> HttpResponse: ...
@overload
def download(content: Iterator[str], name: str, kind: str) -> StreamingHttpResponse: ...
def download(content: str | Iterator[str], name: str, kind: str) -> HttpResponseBase:
    """Return a file that the browser saves; parts of a text are sent one by one."""
    answer = HttpResponse(content) if isinstance(content, str) else StreamingHttpResponse(content)
    answer.headers["Content-Type"] = CONTENT_TYPES[kind]
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer

"""Light updates of a page: compressed, and without content for a browser whose page is still right."""

import re
from hashlib import sha256
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

VOLATILE = re.compile(rb' datetime="[^"]*"|\b\d+ s ago|\bin \d+ s\b|name="csrfmiddlewaretoken" value="[^"]*"')
"""What differs in each answer although nothing has changed: seconds, whose minutes stand beside them, and tokens."""
LENGTH = 20


def light(request: HttpRequest, response: HttpResponse) -> HttpResponseBase:
    """Return a rendered page with its tag and compressed, or status 304 to a browser that has the same page."""
    if request.method != "GET" or response.status_code != HTTPStatus.OK:
        return response
    tag = f'"{sha256(VOLATILE.sub(b"", response.content)).hexdigest()[:LENGTH]}"'
    if tag in request.headers.get("If-None-Match", ""):
        response = _without_content(response)
    response.headers["ETag"] = tag
    return GZipMiddleware(lambda _request: response).process_response(request, response)


def _without_content(response: HttpResponse) -> HttpResponse:
    empty = HttpResponseNotModified()
    empty.cookies = response.cookies
    for name, value in response.headers.items():
        if not name.startswith("Content-"):
            empty.headers[name] = value
    return empty

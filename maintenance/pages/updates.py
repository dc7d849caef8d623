"""Light updates of a page: compressed, and only the parts that have changed since the browser got them.

The parts are the elements with `data-live` and an id. In a page that is sent, `data-live` says the version of the part.
A browser names the versions that it has in the header `Maintenance-Have`, and gets the other parts. A part within a
part, such as a row of a table, is sent by itself: the outer one has a placeholder for it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

HAVE = "Maintenance-Have"
"""The header of an update: the versions of the parts that the browser has, separated by spaces."""
VOLATILE = re.compile(r' datetime="[^"]*"|\b\d+ s ago|\bin \d+ s\b|name="csrfmiddlewaretoken" value="[^"]*"')
"""What differs in each answer although nothing has changed: seconds, whose minutes stand beside them, and tokens."""
LENGTH = 8
LIVE = " data-live"
START = re.compile(r'<(?P<name>\w+)\b(?=[^>]* data-live[ >])[^>]*? id="(?P<id>[^"]+)"[^>]*>')
VOID = {"link"}
"""The names of elements that have no end."""
TITLE = re.compile(r"<title>.*?</title>", re.DOTALL)


@dataclass
class Part:
    """An element of a page between two places of its text, and the parts within it."""

    name: str
    id: str
    begin: int
    inside: int
    end: int
    parts: list["Part"] = field(default_factory=list)

    def own(self, page: str) -> str:
        """Return the text of the part, with placeholders for the parts within it."""
        pieces, place = [], self.begin
        for part in self.parts:
            pieces += [page[place : part.begin], part.placeholder]
            place = part.end
        return "".join([*pieces, page[place : self.end]])

    @property
    def placeholder(self) -> str:
        return f'<{self.name} id="{self.id}" data-live data-kept></{self.name}>'

    def version(self, page: str) -> str:
        return sha256(VOLATILE.sub("", self.own(page)).encode()).hexdigest()[:LENGTH]


def parts_of(page: str) -> list[Part]:
    """Return the parts of a page, in its order; a part goes before those within it."""
    parts: list[Part] = []
    around: list[Part] = []
    for start in START.finditer(page):
        part = Part(start["name"], start["id"], start.start(), start.end(), _end(page, start))
        while around and around[-1].end <= part.begin:
            around.pop()
        if around:
            around[-1].parts.append(part)
        around.append(part)
        parts.append(part)
    return parts


def _end(page: str, start: re.Match[str]) -> int:
    if start["name"] in VOID:
        return start.end()
    depth = 1
    for tag in re.compile(rf"<(/?){start['name']}\b[^>]*>").finditer(page, start.end()):
        depth += -1 if tag[1] else 1
        if depth == 0:
            return tag.end()
    raise ValueError(f"The element {start['id']} has no end.")


def light(request: HttpRequest, response: HttpResponse) -> HttpResponseBase:
    """Return a rendered page compressed: the whole page, or the parts that the browser does not have."""
    if request.method == "GET" and response.status_code == HTTPStatus.OK:
        page = response.content.decode()
        if HAVE in request.headers:
            response.content = "".join(_update(page, set(request.headers[HAVE].split())))
            if not response.content:
                response.status_code = HTTPStatus.NO_CONTENT
        else:
            response.content = _with_versions(page)
        return GZipMiddleware(lambda _request: response).process_response(request, response)
    return response


def _update(page: str, known: set[str]) -> Iterator[str]:
    """Yield the title of a page and its parts whose versions are not known; nothing where all are."""
    new = [(part, version) for part in parts_of(page) if (version := part.version(page)) not in known]
    if new and (title := TITLE.search(page)):
        yield title[0]
    for part, version in new:
        yield f"<template>{_with_version(part.own(page), version)}</template>"


def _with_version(text: str, version: str) -> str:
    """Return a text that begins with a part, with the version of the part."""
    return text.replace(LIVE, f'{LIVE}="{version}"', 1)


def _with_versions(page: str) -> str:
    pieces, place = [], 0
    for part in parts_of(page):
        pieces += [page[place : part.begin], _with_version(page[part.begin : part.inside], part.version(page))]
        place = part.inside
    return "".join([*pieces, page[place:]])

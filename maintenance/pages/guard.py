"""Answers for addresses and forms that cannot be read: status 400, or a list without its filters."""

from collections.abc import Iterable
from functools import wraps
from typing import Any

from django.core.exceptions import BadRequest
from django.db import DataError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import SimpleTemplateResponse
from django.urls import URLPattern

from maintenance.pages.access import View

NUL = "\x00"
"""No database stores it in a text, and PostgreSQL's driver refuses it in a condition."""
ERROR_FLAG = "e"
"""The parameter that Django's lists set when they could not read the others."""


def refusing_nul(patterns: Iterable[URLPattern]) -> list[URLPattern]:
    """Let the views answer status 400 when the address or the form has a NUL."""
    guarded = list(patterns)
    for pattern in guarded:
        pattern.callback = _refusing_nul(pattern.callback)
    return guarded


def _refusing_nul(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        sent = [text for data in (request.GET, request.POST) for name in data for text in (name, *data.getlist(name))]
        if any(NUL in str(text) for text in (*sent, *kwargs.values())):
            raise BadRequest("The address or the form has a NUL.")
        return view(request, *args, **kwargs)

    return guarded


def readable_list(view: View, request: HttpRequest) -> HttpResponse:
    """Return a list of Django's admin, without its filters when the database or Python cannot read them.

    Django does the same, but not for numbers and dates that are too large.
    """
    try:
        with transaction.atomic():
            response = view(request)
            if isinstance(response, SimpleTemplateResponse):
                response.render()
            return response
    except (DataError, OverflowError, ValueError):
        if not request.GET or ERROR_FLAG in request.GET:
            raise
        return HttpResponseRedirect(f"{request.path}?{ERROR_FLAG}=1")

"""What keeps an odd address or form from being an error of ours: it is answered with 400, or as Django's lists do."""

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
"""No database stores it in a text, and PostgreSQL's driver raises where it stands in a condition."""
ERROR_FLAG = "e"
"""The parameter by which Django's lists say that they could not read the others."""


def refusing_nul(patterns: Iterable[URLPattern]) -> list[URLPattern]:
    """Let the views of some addresses answer 400 where a NUL stands in the address or in a form."""
    guarded = list(patterns)
    for pattern in guarded:
        pattern.callback = _refusing_nul(pattern.callback)
    return guarded


def _refusing_nul(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        sent = [text for data in (request.GET, request.POST) for name in data for text in (name, *data.getlist(name))]
        if any(NUL in str(text) for text in (*sent, *kwargs.values())):
            raise BadRequest("A NUL stands in the address or in the form.")
        return view(request, *args, **kwargs)

    return guarded


def readable_list(view: View, request: HttpRequest) -> HttpResponse:
    """Return a list of Django's admin; where the database or Python cannot read what is asked for, the list without.

    Django does the same for most of what cannot be read, and not for numbers and dates that are too large.
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

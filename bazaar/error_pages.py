"""The pages of errors. They use neither the database nor the session, so that they are there when those are not."""

import sys
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy

UNAVAILABLE = 503
"""The database could not answer."""
TOO_SLOW = gettext_lazy("The database took too long for this page. Filter by less, or try again later.")
CSRF = gettext_lazy(
    "The form was older than your log-in, or your browser sent no cookie. Nothing was done. Go back, load the page "
    "anew, and press the button again."
)
PAGES = {
    400: (gettext_lazy("The address cannot be read"), gettext_lazy("Part of the request is not valid.")),
    403: (
        gettext_lazy("You may not do this"),
        gettext_lazy("Your account lacks the permission. Nothing was done. A superuser can give it to you."),
    ),
    404: (
        gettext_lazy("There is no such page"),
        gettext_lazy("The address is wrong, or what it showed has been deleted."),
    ),
    405: (
        gettext_lazy("This address needs its button"),
        gettext_lazy("It does something and shows nothing. Nothing was done. Open the page with the button."),
    ),
    500: (
        gettext_lazy("The program has an error"),
        gettext_lazy("What you asked for may be undone. The log says what happened, and when."),
    ),
    UNAVAILABLE: (
        gettext_lazy("The database does not answer"),
        gettext_lazy("What you asked for was not done. Try again in a minute. The log says what happened."),
    ),
}
"""The title and the sentence of each status."""


def error_page(status: int, sentence: str = "") -> HttpResponse:
    """Return the page of a status; `sentence` stands in place of the usual one."""
    title, usual = PAGES[status]
    context = {"status": status, "title": title, "sentence": sentence or usual}
    response = HttpResponse(render_to_string("error.html", context), status=status)
    response.headers["Cache-Control"] = "no-store"
    if status == UNAVAILABLE:
        response.headers["Retry-After"] = "60"
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    del request, exception
    return error_page(400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    del request, exception
    return error_page(403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    del request, exception
    return error_page(404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    del request, reason
    return error_page(403, str(CSRF))


def server_error(request: HttpRequest) -> HttpResponse:
    """Return the page of the error that is being handled: one of the database may pass."""
    del request
    is_of_database = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    return error_page(UNAVAILABLE if is_of_database else 500)


class MethodPages:
    """Gives a page to a browser that opens the address of a button."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if not isinstance(response, HttpResponseNotAllowed) or "text/html" not in request.headers.get("Accept", ""):
            return response
        page = error_page(405)
        page.headers["Allow"] = response.headers["Allow"]
        return page

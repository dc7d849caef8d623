"""A button that is pressed after the session has ended: the log-in leads back to its page, which says so.

Without this, Django leads to the address of the button, which cannot be opened, and the wish is lost.
"""

from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

MARK = "interrupted"
"""The parameter of the log-in page by which it says why it is there."""


class InterruptedPosts:
    """Turns the way from such a button to the log-in. It needs the messages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        login = reverse("admin:login")
        if request.method != "POST" or request.user.is_authenticated or not _leads_to(response, login):
            return response
        messages.warning(request, _("You had been logged out, and nothing was done. Press the button again."))
        return redirect_to_login(_page_before(request), f"{login}?{MARK}=1")


def _leads_to(response: HttpResponse, path: str) -> bool:
    return isinstance(response, HttpResponseRedirect) and urlsplit(response.url).path == path


def _page_before(request: HttpRequest) -> str:
    """Return the page of this site that has the button, without the site; the first page where it is unknown."""
    page = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure()):
        return reverse("admin:index")
    return urlunsplit(urlsplit(page)._replace(scheme="", netloc="", fragment=""))

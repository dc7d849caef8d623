"""Actions that ask again before they act, on a page that names ids only and needs no script."""

from collections.abc import Sequence
from typing import Any

from django.contrib.admin import ModelAdmin, helpers
from django.contrib.messages import WARNING
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from bazaar.models import User

MOST = 100
"""Rows that one confirmation is about: as many as a page of a list shows, and as anybody can look through."""


def chosen(page: "ModelAdmin[Any]", request: HttpRequest, rows: QuerySet[Any]) -> list[int]:
    """Return the primary keys of the rows that were chosen, in order; none, and a message, where they are too many.

    When somebody has confirmed, these are the ones that the page named, and not what the list has by now.
    """
    if is_confirmed(request):
        keys = sorted({int(key) for key in request.POST.getlist(helpers.ACTION_CHECKBOX_NAME)})
    else:
        keys = list(rows.order_by("pk").values_list("pk", flat=True)[: MOST + 1])
    if len(keys) <= MOST:
        return keys
    sentence = _("Choose %(most)s at most at a time. Nothing was done.") % {"most": MOST}
    page.message_user(request, sentence, WARNING)
    return []


def is_confirmed(request: HttpRequest) -> bool:
    return "confirmed" in request.POST


def whoever(request: HttpRequest) -> User:
    """Return who is logged in."""
    assert isinstance(request.user, User)  # noqa: S101 - the admin lets nobody else in
    return request.user


def ask(
    page: "ModelAdmin[Any]",
    request: HttpRequest,
    template: str,
    *,
    action: str,
    items: Sequence[tuple[int, str]],
    **context: Any,
) -> TemplateResponse:
    """Return the page that asks: `items` are the primary keys and what they are called there.

    `context` needs `title` and `yes`, the words on the button.
    """
    common = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "action": action,
        "action_checkbox_name": helpers.ACTION_CHECKBOX_NAME,
        "back": request.get_full_path(),
        "items": items,
        "subtitle": None,
    }
    return TemplateResponse(request, template, common | context)

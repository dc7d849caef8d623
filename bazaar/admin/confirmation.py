"""Confirmation pages of actions. They show ids only and need no script."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from django.contrib.admin import ModelAdmin, helpers
from django.contrib.messages import WARNING
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from bazaar.deletion_errors import DeletionError
from bazaar.models import User
from maintenance.core.errors import NotReady
from maintenance.pages.guard import readable_keys

Row = TypeVar("Row")
Done = TypeVar("Done")

MOST = 100
"""The most rows of one confirmation: as many as a page of a list shows."""


def chosen(page: "ModelAdmin[Any]", request: HttpRequest, rows: QuerySet[Any]) -> list[int]:
    """Return the primary keys of the selected rows, in order; none, with a message, where they are too many.

    After the confirmation, these are the rows that the page showed, not the present rows of the list.
    """
    if is_confirmed(request):
        keys = sorted(set(readable_keys(page.model, request.POST.getlist(helpers.ACTION_CHECKBOX_NAME))))
    else:
        keys = list(rows.order_by("pk").values_list("pk", flat=True)[: MOST + 1])
    if len(keys) <= MOST:
        return keys
    sentence = _("Select at most %(most)s rows. Nothing was done.") % {"most": MOST}
    page.message_user(request, sentence, WARNING)
    return []


def is_confirmed(request: HttpRequest) -> bool:
    return "confirmed" in request.POST


def current_user(request: HttpRequest) -> User:
    """Return the logged-in user."""
    assert isinstance(request.user, User)  # noqa: S101 - the admin needs a login # nosec B101
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
    """Return the confirmation page: `items` are the primary keys and their labels.

    `context` needs `title` and `yes`, the label of the button.
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


def each(
    page: "ModelAdmin[Any]",
    request: HttpRequest,
    rows: Iterable[tuple[int, Row]],
    act: Callable[[Row], Done],
    refusal: str,
) -> list[Done]:
    """Act on each row by itself and return what came of it: one that is refused is told and stops no other.

    `rows` are given with their primary keys; `refusal` is a sentence with `%(id)s` and `%(why)s`.
    """
    done = []
    for pk, row in rows:
        try:
            done.append(act(row))
        except (DeletionError, NotReady) as error:
            page.message_user(request, refusal % {"id": pk, "why": _(str(error))}, WARNING)
    return done

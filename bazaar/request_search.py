"""The search of the maintenance pages finds deletion requests, by their number and by their public id."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from bazaar.models import DeletionRequest
from maintenance.api import Hit

MOST_DIGITS = 18
"""Fewer than the largest key of the database has."""


def hits_of(user: Any, words: str) -> list[Hit]:
    """Return the request that the words name, to a user who may view it."""
    named = _named(words)
    if not (named and user.has_perm("bazaar.view_deletionrequest")):
        return []
    return [
        Hit(_("Deletion request %(id)d") % {"id": pk}, reverse("admin:bazaar_deletionrequest_change", args=[pk]))
        for pk in DeletionRequest.objects.filter(**named).values_list("pk", flat=True)
    ]


def _named(words: str) -> dict[str, Any]:
    if words.isascii() and words.isdigit():
        return {"pk": int(words)} if len(words) <= MOST_DIGITS else {}
    try:
        return {"public_id": UUID(words)}
    except ValueError:
        return {}

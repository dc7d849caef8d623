"""What the search of the pages finds beside jobs: a run by its number, and what the project adds.

`MAINTENANCE_SEARCH` names the project's function.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from maintenance.conf import settings
from maintenance.pages import runs


@dataclass(frozen=True)
class Hit:
    """A page that a search leads to. `label` names it without personal data."""

    label: str
    address: str


class Search(Protocol):
    """Returns the project's own pages for the words of a search, those that `user` may view."""

    def __call__(self, user: Any, words: str) -> Sequence[Hit]: ...


def hits_of(user: Any, words: str) -> list[Hit]:
    """Return the pages for the words of a search, apart from jobs."""
    if not words:
        return []
    run = runs.numbered(words)
    found = [Hit(_run_label(run), reverse("admin:maintenance_jobrun_change", args=[run.pk]))] if run else []
    path = settings.MAINTENANCE_SEARCH
    return [*found, *(cast("Search", import_string(path))(user, words) if path else [])]


def _run_label(run: Any) -> str:
    return _("Run %(id)d of %(job)s") % {"id": run.pk, "job": run.job}

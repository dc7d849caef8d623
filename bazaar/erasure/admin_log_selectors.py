"""Selectors of entries in Django's admin log, which name the row that they are about by its type and id."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.db.models import Model, Q, TextField
from django.db.models.functions import Cast

from bazaar.erasure.inventory import Step, collect, steps
from bazaar.erasure.scope import Scope
from bazaar.erasure.selectors import NO_ROWS, SUBJECT, Selector
from maintenance.core.array_lookup import in_array, in_query


@dataclass(frozen=True)
class EntryAboutPerson(Selector):
    """Entries about the person's own row."""

    text = "the object is the person"

    def condition(self, scope: Scope) -> Q:
        return Q(content_type=_content_type(apps.get_model("bazaar", "User")), object_id__in=scope.references)


@dataclass(frozen=True)
class EntryAboutRows(Selector):
    """Entries about rows that the erasure deletes."""

    text = "the object is a row that goes with the person"

    def condition(self, scope: Scope) -> Q:
        keys = scope.once(self, _about_rows_that_go)
        return in_array(keys) if keys else NO_ROWS


def _about_rows_that_go(scope: Scope) -> list[int]:
    """Return the keys of the entries: as long as their rows are there, and in one long query instead of in several."""
    conditions = (
        Q(content_type=_content_type(step.model))
        & in_query(step.rows(scope).values_list(Cast("pk", TextField())), "object_id")
        for step in _steps_that_delete(scope)
    )
    entries = apps.get_model("admin", "LogEntry")._base_manager.filter(reduce(or_, conditions, NO_ROWS))
    return list(entries.values_list("pk", flat=True))


def _steps_that_delete(scope: Scope) -> Iterator[Step]:
    for step in steps(collect()):
        if step.deletes(scope.mode) and step.selector != SUBJECT and step.label != "admin.LogEntry":
            yield step


def _content_type(model: type[Model]) -> int:
    types: Any = apps.get_model("contenttypes", "ContentType").objects
    return int(types.get_for_model(model, for_concrete_model=False).pk)


LOG_ABOUT_PERSON = EntryAboutPerson()
LOG_ABOUT_ROWS = EntryAboutRows()

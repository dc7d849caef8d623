"""Selectors of entries in Django's admin log, which name the row that they are about by its type and id."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.db.models import Expression, IntegerField, Model, Q, QuerySet, TextField
from django.db.models.functions import Cast

from bazaar.erasure.inventory import Step, all_steps
from bazaar.erasure.scope import AnyScope, Mode, Scope
from bazaar.erasure.selectors import NO_ROWS, SUBJECT, Selector
from bazaar.erasure.statements import select
from maintenance.core.array_lookup import in_array, in_query


@dataclass(frozen=True)
class EntryAboutPerson(Selector):
    """Entries about the person's own row."""

    text = "the object is the person"

    def condition(self, scope: AnyScope) -> Q:
        references = in_array(scope.array(lambda known: known.references), "object_id")
        return Q(content_type=_content_type(apps.get_model("bazaar", "User"), scope)) & references


@dataclass(frozen=True)
class EntryAboutRows(Selector):
    """Entries about rows that the erasure deletes."""

    text = "the object is a row that goes with the person"

    def condition(self, scope: AnyScope) -> Q:
        return in_array(scope.array(lambda known: known.once(self, _about_rows_that_go)))


def _about_rows_that_go(scope: Scope) -> list[int]:
    """Return the keys of the entries: as long as their rows are there, and in one long query instead of in several."""
    return [pk for (pk,) in select(_entries_about_rows, scope.mode, scope)]


def _entries_about_rows(mode: Mode, scope: AnyScope) -> QuerySet[Any, Any]:
    conditions = (
        Q(content_type=_content_type(step.model, scope))
        & in_query(step.rows(scope).values_list(Cast("pk", TextField())), "object_id")
        for step in _steps_that_delete(mode)
    )
    entries = apps.get_model("admin", "LogEntry")._base_manager.filter(reduce(or_, conditions, NO_ROWS))
    return entries.values_list("pk")


def _steps_that_delete(mode: Mode) -> Iterator[Step]:
    for step in all_steps():
        if step.deletes(mode) and step.selector != SUBJECT and step.label != "admin.LogEntry":
            yield step


def _content_type(model: type[Model], scope: AnyScope) -> Expression:
    """Return the number of a model, as the database has it when the statement is executed."""
    types: Any = apps.get_model("contenttypes", "ContentType").objects
    return scope.value(lambda _: types.get_for_model(model, for_concrete_model=False).pk, IntegerField())


LOG_ABOUT_PERSON = EntryAboutPerson()
LOG_ABOUT_ROWS = EntryAboutRows()

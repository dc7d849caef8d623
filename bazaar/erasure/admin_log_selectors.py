"""Selectors of entries in Django's admin log, which name the row that they are about by its type and id."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.db.models import Model, Q, QuerySet, TextField
from django.db.models.functions import Cast

from bazaar.erasure.inventory import Step, collect, steps
from bazaar.erasure.scope import Scope
from bazaar.erasure.selectors import NO_ROWS, SUBJECT, Selector


@dataclass(frozen=True)
class EntryAboutPerson(Selector):
    """Entries about the person's own row."""

    text = "the object is the person"

    def condition(self, scope: Scope) -> Q:
        user = apps.get_model("bazaar", "User")
        return Q(content_type__in=_content_type(user), object_id__in=[str(pk) for pk in scope.ids])


@dataclass(frozen=True)
class EntryAboutRows(Selector):
    """Entries about rows that the erasure deletes."""

    text = "the object is a row that goes with the person"

    def condition(self, scope: Scope) -> Q:
        conditions = (
            Q(
                content_type__in=_content_type(step.model),
                object_id__in=step.rows(scope).values_list(Cast("pk", TextField())),
            )
            for step in _steps_that_delete(scope)
        )
        return reduce(or_, conditions, NO_ROWS)


def _steps_that_delete(scope: Scope) -> Iterator[Step]:
    for step in steps(collect()):
        if step.deletes(scope.mode) and step.selector != SUBJECT and step.label != "admin.LogEntry":
            yield step


def _content_type(model: type[Model]) -> "QuerySet[Any, Any]":
    types = apps.get_model("contenttypes", "ContentType")._base_manager
    return types.filter(app_label=model._meta.app_label, model=model._meta.model_name).values("pk")


LOG_ABOUT_PERSON = EntryAboutPerson()
LOG_ABOUT_ROWS = EntryAboutRows()

"""Selectors of rows that name the person as the resource which they are about, by its type and id."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet

from bazaar.erasure.scope import AnyScope, Scope
from bazaar.erasure.selectors import Selector
from bazaar.erasure.statements import select
from bazaar.redaction.columns import is_person_type
from maintenance.core.array_lookup import in_array


@dataclass(frozen=True)
class ByResource(Selector):
    """Rows that name a subject as the resource they are about, by type and id."""

    type_field: str
    id_field: str
    model: str

    @property
    def text(self) -> str:
        return "the resource is the person"

    def condition(self, scope: AnyScope) -> Q:
        types = scope.array(lambda known: known.once(self, self._person_types))
        return self._named(scope) & in_array(types, self.type_field)

    def _named(self, scope: AnyScope) -> Q:
        return in_array(scope.array(lambda known: known.references), self.id_field)

    def _person_types(self, scope: Scope) -> list[str]:
        """Return the types that mean a person, in any spelling, of the resources with the ids of the subjects."""
        return [kind for (kind,) in select(_types_of_resources, self, scope) if is_person_type(kind)]


def _types_of_resources(selector: ByResource, scope: AnyScope) -> "QuerySet[Any, Any]":
    rows = apps.get_model("bazaar", selector.model)._base_manager.filter(selector._named(scope))
    types: QuerySet[Any, Any] = rows.values_list(selector.type_field).order_by(selector.type_field).distinct()
    return types


def by_resource(model: str, type_field: str, id_field: str) -> Selector:
    """Find rows of a model of the domain that name the person as the resource they are about."""
    return ByResource(type_field, id_field, model)

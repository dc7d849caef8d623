"""Selectors of projects that go with the person, and of what belongs to them."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Exists, OuterRef, Q, QuerySet

from bazaar.erasure.scope import AnyScope
from bazaar.erasure.selectors import Selector
from maintenance.core.array_lookup import in_query


def projects_that_go(scope: AnyScope) -> "QuerySet[Any, Any]":
    """Return the ids of the projects of which nobody but the subjects is a creator."""
    creators = apps.get_model("bazaar", "Collaborator")._base_manager.filter(role="creator")
    others = creators.filter(project=OuterRef("project")).exclude(scope.are_subjects("user"))
    return creators.filter(~Exists(others), scope.are_subjects("user")).values("project")


@dataclass(frozen=True)
class OfAProjectThatGoes(Selector):
    """Rows that belong to a project of which the person is the only creator; `field` refers to it."""

    field: str

    @property
    def text(self) -> str:
        if self.field == "pk":
            return "the person is its only creator"
        return f"{self.field} is one of which the person is the only creator"

    def condition(self, scope: AnyScope) -> Q:
        return in_query(projects_that_go(scope), self.field)


@dataclass(frozen=True)
class OfOthersInAProjectThatGoes(Selector):
    """The same without the person's own rows, by which the projects are known."""

    field: str
    user: str

    @property
    def text(self) -> str:
        return f"{self.field} is one of which the person is the only creator, {self.user} is somebody else"

    def condition(self, scope: AnyScope) -> Q:
        return in_query(projects_that_go(scope), self.field) & ~scope.are_subjects(self.user)


@dataclass(frozen=True)
class Collaborated(Selector):
    """Projects that the person works on."""

    text = "the person works on it"

    def condition(self, scope: AnyScope) -> Q:
        rows = apps.get_model("bazaar", "Collaborator")._base_manager.filter(scope.are_subjects("user"))
        return in_query(rows.values("project"))


ONLY_CREATOR = OfAProjectThatGoes("pk")
COLLABORATED = Collaborated()


def of_a_project_that_goes(field: str) -> Selector:
    """Find rows that belong to a project of which the person is the only creator."""
    return OfAProjectThatGoes(field)


def of_others_in_a_project_that_goes(field: str, user: str) -> Selector:
    """Find the rows of others that belong to a project of which the person is the only creator."""
    return OfOthersInAProjectThatGoes(field, user)

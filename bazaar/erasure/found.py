"""How a person's rows are found. Conditions never join: a row can be locked, updated and deleted by each of them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast

from bazaar.erasure.scope import Scope

Rows = QuerySet[Any, Any]

NOBODY = Q(pk__in=[])


@dataclass(frozen=True)
class Found:
    """A way to find rows: in words, and as a condition."""

    text: str
    condition: Callable[[Scope], Q]
    is_search: bool = False
    """Whether everybody's rows are searched for the subjects' addresses."""
    created: str | None = None
    """Of a search: the column that tells which rows are new since the last one."""

    def __or__(self, other: "Found") -> "Found":
        return Found(f"{self.text}, or {other.text}", lambda scope: self.condition(scope) | other.condition(scope))


def by_user(field: str) -> Found:
    """Find rows by a foreign key to the user."""
    return Found(f"{field} is the person", lambda scope: Q(**{f"{field}__in": scope.ids}))


def by_sender(field: str) -> Found:
    """Find those invitations of the person that nobody has answered."""
    return Found(
        f"{field} is the person, and nobody has answered",
        lambda scope: Q(**{f"{field}__in": scope.ids}, accepted_at=None, declined_at=None),
    )


def by_email(field: str) -> Found:
    """Find rows by a normalised address, the present one or a former one."""
    return Found(f"{field} is an address of theirs", lambda scope: Q(**{f"{field}__in": sorted(scope.addresses)}))


def by_number(field: str) -> Found:
    """Find rows by a copy of the user's id."""
    return Found(f"{field} is the person's id", lambda scope: Q(**{f"{field}__in": scope.ids}))


def everywhere(created: str | None = None) -> Found:
    """Search everybody's rows for the person's addresses; `created` tells which rows are new since the last search."""
    return Found("by content, in everybody's rows", _made_since(created), is_search=True, created=created)


def _made_since(created: str | None) -> Callable[[Scope], Q]:
    return lambda scope: Q(**{f"{created}__gte": scope.since}) if created and scope.since else Q()


THEMSELVES = Found("the person", lambda scope: Q(pk__in=scope.ids))


# Projects that go with the person, and what belongs to them


def projects_that_go(scope: Scope) -> Rows:
    """Return the ids of the projects of which nobody but the subjects is a creator."""
    creators = apps.get_model("bazaar", "Collaborator")._base_manager.filter(role="creator")
    others = creators.filter(project=OuterRef("project")).exclude(user__in=scope.ids)
    return creators.filter(~Exists(others), user__in=scope.ids).values("project")


ONLY_CREATOR = Found("the person is its only creator", lambda scope: Q(pk__in=projects_that_go(scope)))


def of_a_project_that_goes(field: str) -> Found:
    """Find rows that belong to a project of which the person is the only creator."""
    return Found(
        f"{field} is one of which the person is the only creator",
        lambda scope: Q(**{f"{field}__in": projects_that_go(scope)}),
    )


def of_others_in_a_project_that_goes(field: str, user: str) -> Found:
    """The same without the person's own rows, by which the projects are known."""
    return Found(
        f"{field} is one of which the person is the only creator, {user} is somebody else",
        lambda scope: Q(**{f"{field}__in": projects_that_go(scope)}) & ~Q(**{f"{user}__in": scope.ids}),
    )


def _collaborations(scope: Scope) -> Q:
    rows = apps.get_model("bazaar", "Collaborator")._base_manager.filter(user__in=scope.ids)
    return Q(pk__in=rows.values("project"))


COLLABORATED = Found("the person works on it", _collaborations)


def of_their(model: str, owner: str, field: str) -> Found:
    """Find rows that belong to a row of the person: `owner` of `model`, which `field` refers to."""

    def condition(scope: Scope) -> Q:
        rows = apps.get_model("bazaar", model)._base_manager.filter(**{f"{owner}__in": scope.ids})
        return Q(**{f"{field}__in": rows.values("pk")})

    return Found(f"{field} is theirs", condition)


def _avatars(scope: Scope) -> Q:
    users = apps.get_model("bazaar", "User")._base_manager.filter(pk__in=scope.ids, avatar__isnull=False)
    return Q(pk__in=users.values("avatar"))


THEIR_AVATAR = Found("it is their avatar", _avatars)


# Rows that name other rows by type and id


def _content_type(app_label: str, model_name: str | None) -> Rows:
    rows = apps.get_model("contenttypes", "ContentType")._base_manager.filter(app_label=app_label, model=model_name)
    return rows.values("pk")


def _log_about_person(scope: Scope) -> Q:
    return Q(content_type__in=_content_type("bazaar", "user"), object_id__in=[str(pk) for pk in scope.ids])


def _log_about_rows(scope: Scope) -> Q:
    conditions = [
        Q(
            content_type__in=_content_type(step.model._meta.app_label, step.model._meta.model_name),
            object_id__in=step.rows(scope).values_list(Cast("pk", TextField())),
        )
        for step in scope.steps
        if step.deletes(scope.mode) and step.found is not THEMSELVES and step.model._meta.label != "admin.LogEntry"
    ]
    return reduce(or_, conditions, NOBODY)


LOG_ABOUT_PERSON = Found("the object is the person", _log_about_person)
LOG_ABOUT_ROWS = Found("the object is a row that goes with the person", _log_about_rows)


def by_resource(type_field: str, id_field: str, person_types: tuple[str, ...]) -> Found:
    """Find rows that name the person as the resource they are about."""
    return Found(
        f"the resource is the person ({', '.join(person_types)})",
        lambda scope: Q(**{f"{type_field}__in": person_types, f"{id_field}__in": [str(pk) for pk in scope.ids]}),
    )

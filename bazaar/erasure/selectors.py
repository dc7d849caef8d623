"""Selectors: how the rows of a person are found, in words and as a condition.

Selectors are values: two that find the same rows in the same way are equal. Their conditions never join tables, so that
a row can be locked, updated and deleted by each of them.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.db.models import DateTimeField, Q

from bazaar.erasure.scope import AnyScope, Scope
from maintenance.core.array_lookup import in_array, in_query

NO_ROWS = Q(pk__in=[])


class Selector(ABC):
    """A way to find rows."""

    is_search = False
    """Whether everybody's rows are searched for the addresses of the subjects."""
    created: str | None = None
    """The column of a search that tells which rows are new since the last one."""

    @property
    @abstractmethod
    def text(self) -> str:
        """The selector in words."""

    @abstractmethod
    def condition(self, scope: AnyScope) -> Q:
        """Return the condition that the rows of the subjects meet."""

    @property
    def parts(self) -> tuple["Selector", ...]:
        """The alternatives that it consists of."""
        return (self,)

    def __or__(self, other: "Selector") -> "Selector":
        return AnyOf((*self.parts, *other.parts))


@dataclass(frozen=True)
class AnyOf(Selector):
    """Rows that at least one of several selectors finds."""

    alternatives: tuple[Selector, ...]

    @property
    def text(self) -> str:
        return ", or ".join(part.text for part in self.alternatives)

    @property
    def parts(self) -> tuple[Selector, ...]:
        return self.alternatives

    def condition(self, scope: AnyScope) -> Q:
        return reduce(or_, (part.condition(scope) for part in self.alternatives))


@dataclass(frozen=True)
class ById(Selector):
    """Rows in which a column holds the id of a subject: a foreign key, or a copy of the number."""

    field: str
    words: str

    @property
    def text(self) -> str:
        return self.words

    def condition(self, scope: AnyScope) -> Q:
        return scope.are_subjects(self.field)


@dataclass(frozen=True)
class Unanswered(Selector):
    """Invitations of the person that nobody has answered."""

    field: str

    @property
    def text(self) -> str:
        return f"{self.field} is the person, and nobody has answered"

    def condition(self, scope: AnyScope) -> Q:
        return scope.are_subjects(self.field) & Q(accepted_at=None, declined_at=None)


@dataclass(frozen=True)
class ByAddress(Selector):
    """Rows in which a column holds an address that was a subject's when the row was made.

    `made` is the column with that time. A row that names another account in the column `account` is that account's.
    """

    field: str
    made: str = "created_at"
    account: str | None = None

    @property
    def text(self) -> str:
        return f"{self.field} is an address of theirs"

    def condition(self, scope: AnyScope) -> Q:
        return scope.holds(self.field, self.made) & self._own(scope)

    def rows_of_others(self, scope: AnyScope) -> Q | None:
        """Return the condition of rows that hold an address of a subject and are somebody else's."""
        if not scope.is_shared and self.account is None:
            return None
        return in_array(scope.array(lambda known: known.spellings), self.field) & ~self.condition(scope)

    def _own(self, scope: AnyScope) -> Q:
        if self.account is None:
            return Q()
        return Q(**{f"{self.account}__isnull": True}) | scope.are_subjects(self.account)


@dataclass(frozen=True)
class Search(Selector):
    """Everybody's rows, searched for the addresses of the subjects.

    `made` names the column that tells whose an address in the row is; without it the row is as of now. `changed` names
    the one that tells which rows are new since the last search; without it all rows are searched each time. From both
    `ahead` is subtracted. `only` restricts the search to the rows that can hold an address, by look-ups and values.
    """

    made: str | None = None
    changed: str | None = None
    ahead: timedelta = timedelta(0)
    only: tuple[tuple[str, Any], ...] = ()
    is_search = True

    @property
    def text(self) -> str:
        return "by content, in everybody's rows"

    def condition(self, scope: AnyScope) -> Q:
        """Return the condition of the rows that are newer than the last search."""
        if not scope.is_searched or self.changed is None:
            return self.reach
        since = scope.value(self._since, DateTimeField())
        return Q(**{f"{self.changed}__gte": since}) & self.reach

    def _since(self, scope: Scope) -> datetime | None:
        return scope.searched.since + self.ahead if scope.searched else None

    @property
    def reach(self) -> Q:
        """The condition of the rows that can hold an address at all."""
        return Q(**dict(self.only))


@dataclass(frozen=True)
class OfTheir(Selector):
    """Rows whose `field` refers to a row of a model of the domain that belongs to a subject by its column `owner`."""

    model: str
    owner: str
    field: str

    @property
    def text(self) -> str:
        return f"{self.field} is theirs"

    def condition(self, scope: AnyScope) -> Q:
        rows = apps.get_model("bazaar", self.model)._base_manager.filter(scope.are_subjects(self.owner))
        return in_query(rows.values("pk"), self.field)


@dataclass(frozen=True)
class TheirAvatar(Selector):
    """The uploads that subjects have as their avatars."""

    text = "it is their avatar"

    def condition(self, scope: AnyScope) -> Q:
        users = apps.get_model("bazaar", "User")._base_manager.filter(scope.are_subjects("pk"), avatar__isnull=False)
        return in_query(users.values("avatar"))


SUBJECT = ById("pk", "the person")
THEIR_AVATAR = TheirAvatar()


def by_user(field: str) -> Selector:
    """Find rows by a foreign key to the user."""
    return ById(field, f"{field} is the person")


def by_number(field: str) -> Selector:
    """Find rows by a copy of the user's id."""
    return ById(field, f"{field} is the person's id")


def by_sender(field: str) -> Selector:
    """Find those invitations of the person that nobody has answered."""
    return Unanswered(field)


def by_email(field: str, *, made: str = "created_at", account: str | None = None) -> Selector:
    """Find rows by an address that was theirs when the row was made."""
    return ByAddress(field, made, account)


def everywhere(
    made: str | None = None, changed: str | None = None, *, ahead: timedelta = timedelta(0), **only: Any
) -> Selector:
    """Search everybody's rows for the person's addresses; see `Search`. Rows that nobody edits are new once: `made`."""
    return Search(made, changed or made, ahead, tuple(only.items()))


def of_their(model: str, owner: str, field: str) -> Selector:
    """Find rows that belong to a row of the person: `owner` of `model`, which `field` refers to."""
    return OfTheir(model, owner, field)

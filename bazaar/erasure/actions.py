"""What an erasure does to a field.

Each action knows when nothing is left for it to do ("unsettled" rows are the others). So an erasure that is carried out
again writes nothing, and the same table that erases can be asked what is left.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, make_password
from django.db.models import Case, CharField, F, Field, Q, Value, When
from django.db.models.functions import Cast, Coalesce, Concat

from bazaar.erasure.scope import Scope
from bazaar.erasure.selectors import NO_ROWS, Selector

DELETED_NAME = "[Deleted User]"
DELETED_ADDRESS = ("deleted-", "@deleted.local")
"""What stands before and behind the id in the address of an anonymised user."""


@dataclass(frozen=True)
class Action:
    """Something that happens to a field, in words."""

    text: str


KEEP = Action("keep")
DELETE_ROW = Action("delete row")
REMOVE_FILE = Action("remove the file unless something kept shows it")
DELETE_MENTIONING = Action("delete row if it mentions them")


@dataclass(frozen=True)
class Replace(Action):
    """A new value that the database writes, for all rows in one statement."""

    value: Callable[[Scope], Any]
    unsettled: Callable[[str], Q | None]
    """Which rows do not have the value yet; `None`: the field follows the others of its line."""
    where: Selector | None = None
    """Of the rows found, those whose field is replaced; `None`: all."""
    makes_null: bool = False

    def assignment(self, field: str, scope: Scope) -> Any:
        value = self.value(scope)
        if self.where is None:
            return value
        return Case(When(self.where.condition(scope), then=Value(value)), default=F(field))

    def unsettled_rows(self, field: str, scope: Scope) -> Q:
        condition = self.unsettled(field)
        if condition is None:
            return NO_ROWS
        return condition & self.where.condition(scope) if self.where else condition


def constant(value: Any, text: str = "") -> Replace:
    return Replace(text or f"becomes {value!r}", lambda _: value, lambda field: ~Q(**{field: value}))


def null_where(selector: Selector) -> Replace:
    """Nothing, in those rows where the field itself is what names the person."""
    return Replace("null where it is the person", lambda _: None, _is_set, selector, makes_null=True)


def _is_set(field: str) -> Q:
    return Q(**{f"{field}__isnull": False})


NULL = Replace("null", lambda _: None, _is_set, makes_null=True)
BLANK = constant("", "blank")
EMPTY = Replace("empty object", lambda _: {}, lambda field: ~Q(**{field: {}}))
FALSE = constant(value=False, text="false")
AS_DELETED_USER = constant(DELETED_NAME, f"becomes {DELETED_NAME}")
UNUSABLE_PASSWORD = Replace(
    "unusable", lambda _: make_password(None), lambda field: ~Q(**{f"{field}__startswith": UNUSABLE_PASSWORD_PREFIX})
)
NOW = Replace("now", lambda scope: scope.now, lambda _: None)


def _deleted_address(*_: Any) -> Concat:
    before, behind = DELETED_ADDRESS
    return Concat(Value(before), Cast("pk", CharField()), Value(behind), output_field=CharField())


AS_DELETED_ADDRESS = Replace(
    "becomes deleted-<id>@deleted.local", _deleted_address, lambda field: ~Q(**{field: _deleted_address()})
)
FIRST_TIME = Replace(
    "now, if it is not set", lambda scope: Coalesce(F("anonymized_at"), scope.now), lambda field: Q(**{field: None})
)


@dataclass(frozen=True)
class Rewrite(Action):
    """A new value that depends on the old one in ways that only Python knows; rows are read and written in chunks."""

    candidates: Callable[["Field[Any, Any]", Scope], Q]
    value: Callable[[Any, Scope], Any]


def _mentions(field: "Field[Any, Any]", scope: Scope) -> Q:
    return scope.pattern.mentioned_in(field) if scope.pattern else NO_ROWS


def _without_addresses(value: Any, scope: Scope) -> Any:
    return scope.pattern.remove(value) if scope.pattern else value


def _clean(value: Any, scope: Scope) -> Any:
    from bazaar.redaction import clean

    return clean(value, addresses=scope.addresses)


REDACT = Rewrite("their addresses become [removed]", _mentions, _without_addresses)
CLEAN = Rewrite("personal data leaves it", lambda field, _: ~Q(**{field.name: {}}), _clean)

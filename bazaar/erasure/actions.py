"""What an erasure does to a field.

Each action knows when nothing is left for it to do ("unsettled" rows are the others). So an erasure that is carried out
again writes nothing, and the same table that erases can be asked what is left.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, make_password
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    Expression,
    F,
    Field,
    JSONField,
    Q,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Concat
from django.db.models.lookups import IRegex
from django.db.models.sql.compiler import SQLCompiler

from bazaar import redaction
from bazaar.erasure.identity import DELETED_NAME
from bazaar.erasure.redactor import Redactor
from bazaar.erasure.scope import AnyScope
from bazaar.erasure.selectors import NO_ROWS, Selector
from bazaar.fields import PLACEHOLDER_DOMAIN, PLACEHOLDER_DOMAINS, PLACEHOLDER_NAME
from bazaar.redaction.addresses import CANDIDATE


@dataclass(frozen=True)
class Action:
    """Something that happens to a field, in words."""

    text: str


KEEP = Action("keep")
DELETE_ROW = Action("delete row")
REMOVE_FILE = Action("remove the file unless something kept shows it")
RENAME_FILE = Action("the file gets another name if its name has their address")
DELETE_MENTIONING = Action("delete row if it mentions them")


@dataclass(frozen=True)
class Replace(Action):
    """A new value that the database writes, for all rows in one statement."""

    value: Callable[[AnyScope], Any]
    unsettled: Callable[[str], Q | None]
    """Which rows do not have the value yet; `None`: the field follows the others of its line."""
    where: Selector | None = None
    """Of the rows found, those whose field is replaced; `None`: all."""
    makes_null: bool = False

    def assignment(self, field: str, scope: AnyScope) -> Any:
        value = self.value(scope)
        if self.where is None:
            return value
        return Case(When(self.where.condition(scope), then=Value(value)), default=F(field))

    def unsettled_rows(self, field: str, scope: AnyScope) -> Q:
        condition = self.unsettled(field)
        if condition is None:
            return NO_ROWS
        return condition & self.where.condition(scope) if self.where else condition


def constant(value: Any, text: str = "") -> Replace:
    return Replace(text or f"becomes {value!r}", lambda _: value, lambda field: ~Q(**{field: value}))


def null_where(selector: Selector) -> Replace:
    """Nothing, in those rows where the field itself is what names the person."""
    return Replace("null where it is the person", lambda _: None, _is_set, selector, makes_null=True)


def _now(scope: AnyScope) -> Expression:
    return scope.value(lambda known: known.now, DateTimeField())


def _is_set(field: str) -> Q:
    return Q(**{f"{field}__isnull": False})


NULL = Replace("null", lambda _: None, _is_set, makes_null=True)
BLANK = constant("", "blank")
EMPTY = Replace("empty object", lambda _: {}, lambda field: ~Q(**{field: {}}))
FALSE = constant(value=False, text="false")
AS_DELETED_USER = constant(DELETED_NAME, f"becomes {DELETED_NAME}")
UNUSABLE_PASSWORD = Replace(
    "unusable",
    lambda scope: scope.value(lambda _: make_password(None), CharField()),
    lambda field: ~Q(**{f"{field}__startswith": UNUSABLE_PASSWORD_PREFIX}),
)
NOW = Replace("now", _now, lambda _: None)


def _placeholder(domain: str) -> Concat:
    return Concat(Value(PLACEHOLDER_NAME), Cast("pk", CharField()), Value(domain), output_field=CharField())


def _is_no_placeholder(field: str) -> Q:
    return ~Q(**{f"{field}__in": [_placeholder(domain) for domain in PLACEHOLDER_DOMAINS]})


AS_PLACEHOLDER = Replace(
    f"becomes {PLACEHOLDER_NAME}<id>{PLACEHOLDER_DOMAIN}",
    lambda _: _placeholder(PLACEHOLDER_DOMAIN),
    _is_no_placeholder,
)
FIRST_TIME = Replace(
    "now, if it is not set", lambda scope: Coalesce(F("anonymized_at"), _now(scope)), lambda field: Q(**{field: None})
)


@dataclass(frozen=True)
class Rewrite(Action):
    """A new value that depends on the old one in ways that only Python knows; rows are read and written in chunks."""

    candidates: Callable[["Field[Any, Any]"], Q]
    value: Callable[[Any, Redactor], Any]
    """Gives the new value; the redactor knows what was the subjects' when the row was made."""
    removes_names: bool = False
    """Whether names go too: the row is by the person, or about them."""


NEEDED = r"[@%&=\\]|[^\x01-\x7F]"
"""Matches each text with an e-mail address: an `@` stands in it, or an escape, or what is no ASCII."""


def may_mention(field: "Field[Any, Any]") -> Q:
    """Return the condition that a text or JSON column may hold an e-mail address; some that meet it do not."""
    is_text = isinstance(field, CharField | TextField)
    return Q(_MayMention(F(field.name) if is_text else Cast(F(field.name), TextField()), CANDIDATE))


class _MayMention(IRegex):
    """PostgreSQL looks for a character first without which there is no address: that takes a third of the time."""

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        sql, params = self.as_sql(compiler, connection)
        column, of_column = self.process_lhs(compiler, connection)
        return f"({column} ~ %s AND {sql})", [*of_column, NEEDED, *params]


def _is_not_empty(field: "Field[Any, Any]") -> Q:
    return ~Q(**{field.name: {} if isinstance(field, JSONField) else ""})


def _clean(value: Any, redactor: Redactor) -> Any:
    return redactor.without_names(redaction.clean(value, addresses=redactor.addresses))


def _without_both(value: Any, redactor: Redactor) -> Any:
    return redactor.without_names(redactor.without_addresses(value))


def _without_both_in_code(value: Any, redactor: Redactor) -> Any:
    return value and redactor.without_names_in_code(redactor.without_addresses(value))


REDACT = Rewrite("their addresses become [removed]", may_mention, lambda value, r: r.without_addresses(value))
REDACT_NAMES = Rewrite("their addresses and names become [removed]", _is_not_empty, _without_both, removes_names=True)
REDACT_CODE = Rewrite(
    "their addresses and names become [removed]", _is_not_empty, _without_both_in_code, removes_names=True
)
"""For columns that hold words of the program, or a text."""
CLEAN = Rewrite("personal data leaves it", _is_not_empty, _clean, removes_names=True)

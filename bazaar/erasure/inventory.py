"""The inventory: what a field policy is, and where the policies come from.

Each app says in a module `personal_data` what its models hold (`POLICIES`); `bazaar.personal_data` speaks for Django's
and other people's apps too. Policies of one model with equal selectors that stand together are one step, which is one
statement. Steps are executed in the order of the policies, children first, and the app of the user last.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, reduce
from importlib import import_module
from importlib.util import find_spec
from itertools import groupby
from operator import or_
from typing import Any

from django.apps.registry import Apps, apps as current_apps
from django.conf import settings
from django.db.models import AutoField, DateTimeField, ExpressionWrapper, F, Field, FileField, Model, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from bazaar.erasure import actions as field_actions
from bazaar.erasure.actions import DELETE_MENTIONING, DELETE_ROW, KEEP, REMOVE_FILE, RENAME_FILE, Action, Replace
from bazaar.erasure.scope import AnyScope, Mode, Scope
from bazaar.erasure.selectors import NO_ROWS, Search, Selector
from maintenance.core.array_lookup import in_array


class DataCategory(StrEnum):
    """What a field can say about a person."""

    NOTHING = "nothing personal"
    PERSON = "who it is"
    ADDRESS = "an e-mail address"
    NAME = "a name"
    TEXT = "text that they or others wrote"
    CREDENTIAL = "what lets them in"
    ORIGIN = "an IP address or a browser"
    FILE = "a file, or its name"
    CHOICE = "what they did or chose"
    DATA = "structured data of any kind"


@dataclass(frozen=True)
class FieldPolicy:
    """What fields of a model hold, how their subject is found, and what each mode of erasure does to them."""

    model: str
    fields: tuple[str, ...]
    category: DataCategory
    selector: Selector | None = None
    anonymise: Action = KEEP
    delete: Action = KEEP
    note: str = ""
    limits: tuple[str, ...] = ()
    """Settings with the age limits of the model's rows."""
    because: str = ""
    """Why rows of the model have no age limit."""

    @property
    def is_personal(self) -> bool:
        return self.category is not DataCategory.NOTHING

    def action(self, mode: Mode) -> Action:
        return self.anonymise if mode is Mode.ANONYMISE else self.delete


def personal(
    fields: str,
    category: DataCategory,
    selector: Selector,
    anonymise: Action,
    delete: Action | None = None,
    *,
    note: str = "",
) -> FieldPolicy:
    """Write a policy; `fields` are names with spaces between them. Without `delete`, both modes do the same."""
    return FieldPolicy("", tuple(fields.split()), category, selector, anonymise, delete or anonymise, note)


def not_personal(fields: str, note: str = "") -> FieldPolicy:
    """Write a policy for fields that say nothing about a person."""
    return FieldPolicy("", tuple(fields.split()), DataCategory.NOTHING, note=note)


def model_policy(model: str, *policies: FieldPolicy, limits: str = "", because: str = "") -> list[FieldPolicy]:
    """Say of which model the policies are, and how long its rows are kept.

    `limits` are the names of settings, its age limits, with spaces between them; `because` says why it has none.
    """
    return [replace(item, model=model, limits=tuple(limits.split()), because=because) for item in policies]


@dataclass(frozen=True)
class Step:
    """Policies that are executed together."""

    model: type[Model]
    selector: Selector
    policies: tuple[FieldPolicy, ...]

    def __hash__(self) -> int:  # of all policies it would take longer than to execute a statement
        return hash((self.model, self.selector))

    @property
    def label(self) -> str:
        return str(self.model._meta.label)

    def actions(self, mode: Mode) -> dict[str, Action]:
        """Return what happens to which field, without those that are kept."""
        return {
            field: action
            for policy in self.policies
            for field in policy.fields
            if (action := policy.action(mode)) is not KEEP
        }

    def deletes(self, mode: Mode) -> bool:
        return DELETE_ROW in self.actions(mode).values()

    def removes_files(self, mode: Mode) -> bool:
        return REMOVE_FILE in self.actions(mode).values()

    def names_of_files(self, mode: Mode) -> tuple[str, ...]:
        """Return the columns with names of files that stay, which may be names of the person."""
        return tuple(
            field
            for field, action in self.actions(mode).items()
            if action in (REMOVE_FILE, RENAME_FILE) and isinstance(self.field(field), FileField)
        )

    def texts(self, mode: Mode) -> tuple[str, ...]:
        """Return the columns whose content is looked at, and which the database can read."""
        return (*self.rewrites(mode), *self.names_of_files(mode))

    def searches_pickles(self, mode: Mode) -> tuple[str, ...]:
        return tuple(field for field, action in self.actions(mode).items() if action is DELETE_MENTIONING)

    def columns(self, mode: Mode) -> tuple[str, ...]:
        """Return all columns in whose content an address may stand."""
        return (*self.texts(mode), *self.searches_pickles(mode))

    def replacements(self, mode: Mode) -> dict[str, Replace]:
        return {field: action for field, action in self.actions(mode).items() if isinstance(action, Replace)}

    def rewrites(self, mode: Mode) -> dict[str, field_actions.Rewrite]:
        return {
            field: action for field, action in self.actions(mode).items() if isinstance(action, field_actions.Rewrite)
        }

    def field(self, name: str) -> "Field[Any, Any]":
        field = self.model._meta.get_field(name)
        assert isinstance(field, Field)  # noqa: S101 - the system check has looked at every name # nosec B101
        return field

    @property
    def search(self) -> Search | None:
        """The selector, where everybody's rows are searched."""
        return self.selector if isinstance(self.selector, Search) else None

    def made(self, scope: AnyScope) -> Combinable:
        """Return the moment that tells whose an address in a row is: nothing where the row itself is the person's."""
        if not self.search:
            return Cast(Value(None), DateTimeField())
        if self.search.made is None:
            return Cast(scope.value(lambda known: known.now, DateTimeField()), DateTimeField())
        moment = F(self.search.made)
        return ExpressionWrapper(moment - self.search.ahead, DateTimeField()) if self.search.ahead else moment

    def rows(self, scope: AnyScope) -> QuerySet[Any]:
        """Return the rows that are found, whatever happens to them. The query is composed once for a scope."""
        return scope.once((self.label, self.selector), self._compose).all()

    def _compose(self, scope: AnyScope) -> QuerySet[Any]:
        condition = self.selector.condition(scope)
        if self.search and self.search.changed and scope.is_searched:
            condition |= self._found(self.search, scope)
        return self.model._base_manager.filter(condition)

    def _found(self, search: Search, scope: AnyScope) -> Q:
        """Return the condition of the rows that a search has found, and of those with higher keys than it has read."""
        found = in_array(scope.array(self._keys_found))
        if not isinstance(self.model._meta.pk, AutoField):
            return found
        return found | (Q(pk__gt=scope.value(self._last_key, self.model._meta.pk)) & search.reach)

    def _keys_found(self, scope: Scope) -> list[Any]:
        rows = scope.searched.rows.get(self.label, ()) if scope.searched else ()
        return [self.model._meta.pk.to_python(row) for row in rows]

    def _last_key(self, scope: Scope) -> int | None:
        return scope.searched.last_keys.get(self.label) if scope.searched else None

    def with_texts(self, scope: AnyScope) -> QuerySet[Any]:
        """Return the rows in which an address may stand; of what is packed, the database cannot tell."""
        if self.searches_pickles(scope.mode):
            return self.rows(scope)
        return self.rows(scope).filter(
            _any(field_actions.may_mention(self.field(name)) for name in self.texts(scope.mode))
        )

    def to_rewrite(self, scope: AnyScope) -> QuerySet[Any]:
        """Return the rows that have to be read, because Python decides about them."""
        rewrites = self.rewrites(scope.mode).items()
        return self.rows(scope).filter(_any(rewrite.candidates(self.field(name)) for name, rewrite in rewrites))

    def to_replace(self, scope: AnyScope) -> QuerySet[Any]:
        """Return the rows in which a field does not have its new value yet."""
        replacements = self.replacements(scope.mode).items()
        return self.rows(scope).filter(_any(item.unsettled_rows(name, scope) for name, item in replacements))


def _any(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions, NO_ROWS)


def collect(apps: Apps = current_apps) -> list[FieldPolicy]:
    """Return the policies of every installed app, those of the user's app last."""
    user_app = settings.AUTH_USER_MODEL.partition(".")[0]
    configs = sorted(apps.get_app_configs(), key=lambda config: config.label == user_app)
    return [policy for config in configs for policy in _policies_of(config.name)]


def _policies_of(app: str) -> Iterator[FieldPolicy]:
    name = f"{app}.personal_data"
    if find_spec(name) is not None:
        yield from import_module(name).POLICIES


def steps(policies: Iterable[FieldPolicy], apps: Apps = current_apps) -> tuple[Step, ...]:
    """Return the policies that select rows, put together to steps."""
    selecting = (policy for policy in policies if policy.selector is not None)
    groups = groupby(selecting, key=lambda policy: (policy.model, policy.selector))
    return tuple(_step(tuple(group), apps) for _, group in groups)


@cache
def all_steps() -> tuple[Step, ...]:
    """Return the steps of every installed app, the same objects each time."""
    return steps(collect())


def _step(policies: tuple[FieldPolicy, ...], apps: Apps) -> Step:
    selector = policies[0].selector
    assert selector is not None  # noqa: S101 - `steps` passes no others # nosec B101
    return Step(apps.get_model(policies[0].model), selector, policies)

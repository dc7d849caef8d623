"""The inventory: what a line of it is, and where the lines come from.

Each app says in a module `personal_data` what its models hold (`LINES`); `bazaar.personal_data` speaks for Django's
and other people's apps too. Lines of one model that find their rows in the same way and stand together are one step,
which is one statement. Steps are executed in the order of the lines, children first, and the app of the user last.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import reduce
from importlib import import_module
from importlib.util import find_spec
from itertools import groupby
from operator import or_
from typing import Any

from django.apps.registry import Apps, apps as current_apps
from django.conf import settings
from django.db.models import Field, Model, Q, QuerySet

from bazaar.erasure.actions import CONDEMN, DELETE_MENTIONING, DELETE_ROW, KEEP, Action, Replace, Rewrite
from bazaar.erasure.found import NOBODY, Found
from bazaar.erasure.scope import Mode, Scope


class Holds(StrEnum):
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
class Line:
    """What fields of a model hold, how their subject is found, and what each mode of erasure does to them."""

    model: str
    fields: tuple[str, ...]
    holds: Holds
    found: Found | None = None
    anonymise: Action = KEEP
    delete: Action = KEEP
    note: str = ""

    def action(self, mode: Mode) -> Action:
        return self.anonymise if mode is Mode.ANONYMISE else self.delete


def line(
    fields: str, holds: Holds, found: Found, anonymise: Action, delete: Action | None = None, *, note: str = ""
) -> Line:
    """Write a line; `fields` are names with spaces between them. Without `delete`, both modes do the same."""
    return Line("", tuple(fields.split()), holds, found, anonymise, delete or anonymise, note)


def nothing(fields: str, note: str = "") -> Line:
    """Write a line for fields that say nothing about a person."""
    return Line("", tuple(fields.split()), Holds.NOTHING, note=note)


def of(model: str, *lines: Line) -> list[Line]:
    """Say of which model the lines are."""
    return [replace(item, model=model) for item in lines]


@dataclass(frozen=True)
class Step:
    """Lines that one statement executes."""

    model: type[Model]
    found: Found
    lines: tuple[Line, ...]

    @property
    def label(self) -> str:
        return str(self.model._meta.label)

    def actions(self, mode: Mode) -> dict[str, Action]:
        """Return what happens to which field, without those that are kept."""
        return {
            field: action for line in self.lines for field in line.fields if (action := line.action(mode)) is not KEEP
        }

    def deletes(self, mode: Mode) -> bool:
        return DELETE_ROW in self.actions(mode).values()

    def condemns(self, mode: Mode) -> bool:
        return CONDEMN in self.actions(mode).values()

    def searches_pickles(self, mode: Mode) -> tuple[str, ...]:
        return tuple(field for field, action in self.actions(mode).items() if action is DELETE_MENTIONING)

    def replacements(self, mode: Mode) -> dict[str, Replace]:
        return {field: action for field, action in self.actions(mode).items() if isinstance(action, Replace)}

    def rewrites(self, mode: Mode) -> dict[str, Rewrite]:
        return {field: action for field, action in self.actions(mode).items() if isinstance(action, Rewrite)}

    def field(self, name: str) -> "Field[Any, Any]":
        field = self.model._meta.get_field(name)
        assert isinstance(field, Field)  # noqa: S101 - the system check has looked at every name
        return field

    def rows(self, scope: Scope) -> QuerySet[Any]:
        """Return the rows that are found, whatever happens to them."""
        return self.model._base_manager.filter(self.found.condition(scope))

    def to_rewrite(self, scope: Scope) -> QuerySet[Any]:
        """Return the rows that have to be read, because Python decides about them."""
        rewrites = self.rewrites(scope.mode).items()
        return self.rows(scope).filter(_any(rewrite.candidates(self.field(name), scope) for name, rewrite in rewrites))

    def to_replace(self, scope: Scope) -> QuerySet[Any]:
        """Return the rows in which a field does not have its new value yet."""
        replacements = self.replacements(scope.mode).items()
        return self.rows(scope).filter(_any(item.unsettled_rows(name, scope) for name, item in replacements))


def _any(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions, NOBODY)


def collect(apps: Apps = current_apps) -> list[Line]:
    """Return the lines of every installed app, those of the user's app last."""
    user_app = settings.AUTH_USER_MODEL.partition(".")[0]
    configs = sorted(apps.get_app_configs(), key=lambda config: config.label == user_app)
    return [line for config in configs for line in _lines_of(config.name)]


def _lines_of(app: str) -> Iterator[Line]:
    name = f"{app}.personal_data"
    if find_spec(name) is not None:
        yield from import_module(name).LINES


def steps(lines: Iterable[Line], apps: Apps = current_apps) -> tuple[Step, ...]:
    """Return the lines that find rows, put together to steps."""
    finding = (line for line in lines if line.found is not None)
    groups = groupby(finding, key=lambda line: (line.model, line.found.text if line.found else ""))
    return tuple(_step(tuple(group), apps) for _, group in groups)


def _step(lines: tuple[Line, ...], apps: Apps) -> Step:
    found = lines[0].found
    assert found is not None  # noqa: S101 - `steps` passes no others
    return Step(apps.get_model(lines[0].model), found, lines)

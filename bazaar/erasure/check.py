"""The system check that nobody adds a column without deciding what an erasure does to it."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps.registry import Apps, apps as current_apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model

from bazaar.erasure.actions import DELETE_ROW, KEEP, Replace
from bazaar.erasure.inventory import Holds, Line, Step, collect, steps
from bazaar.erasure.scope import Mode

HINT = "Add a line to `personal_data.py` of the app, or to bazaar/personal_data.py for an app that is not ours."


@register("maintenance")
def check_inventory(
    *, apps: Apps = current_apps, lines: Sequence[Line] | None = None, **_kwargs: Any
) -> list[CheckMessage]:
    """Every column of every installed app is classified, and every line of the inventory names what exists.

    `apps` is the registry whose models are looked at; `lines` the inventory, by default what its apps say. All apps are
    looked at, even where a check was asked for some: a part of an inventory proves nothing.
    """
    lines = collect(apps) if lines is None else lines
    unknown = list(_unknown(lines, apps))
    if unknown:
        return unknown
    return [*_unclassified(lines, apps), *_users_kept(lines, apps), *_contradictions(lines, apps)]


def _models(apps: Apps) -> list[type[Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]


def _unknown(lines: Sequence[Line], apps: Apps) -> Iterator[CheckMessage]:
    """Report lines about a model or field that does not exist."""
    for line in lines:
        try:
            model = apps.get_model(line.model)
        except (LookupError, ValueError):
            yield Error(
                f"The inventory names the model {line.model}, which does not exist.", hint=HINT, id="bazaar.E012"
            )
            continue
        for name in line.fields:
            try:
                model._meta.get_field(name)
            except FieldDoesNotExist:
                sentence = f"The inventory names the field {line.model}.{name}, which does not exist."
                yield Error(sentence, hint=HINT, id="bazaar.E012")


def _unclassified(lines: Sequence[Line], apps: Apps) -> Iterator[CheckMessage]:
    """Report columns without a line."""
    known = {(apps.get_model(line.model), name) for line in lines for name in line.fields}
    for model in _models(apps):
        for field in model._meta.local_concrete_fields:
            if (model, field.name) not in known:
                sentence = (
                    f"{model._meta.label}.{field.name} is not classified: what does deleting an account do to it?"
                )
                yield Error(sentence, hint=HINT, obj=model, id="bazaar.E010")


def _users_kept(lines: Sequence[Line], apps: Apps) -> Iterator[CheckMessage]:
    """Report foreign keys to the user that a full deletion would leave where they are."""
    freed = {(apps.get_model(line.model), name) for line in lines for name in line.fields if line.delete is not KEEP}
    for model in _models(apps):
        for field in model._meta.local_concrete_fields:
            if _names_a_user(field) and (model, field.name) not in freed:
                yield Error(
                    f"{model._meta.label}.{field.name} refers to the user, and nothing frees it when the user goes.",
                    hint="Say in its line how it is found and that a deletion deletes the row or makes it null.",
                    obj=model,
                    id="bazaar.E011",
                )


def _names_a_user(field: "Field[Any, Any]") -> bool:
    target = field.related_model
    return isinstance(target, type) and target._meta.label == settings.AUTH_USER_MODEL


def _contradictions(lines: Sequence[Line], apps: Apps) -> Iterator[CheckMessage]:
    """Report lines that cannot be executed, or that say two things."""
    for line in lines:
        if line.found is None and (line.holds is not Holds.NOTHING or (line.anonymise, line.delete) != (KEEP, KEEP)):
            yield _contradiction(line.model, line.fields, "does not say how the person is found")
    for step in steps(lines, apps):
        for mode in Mode:
            if step.deletes(mode) and {*step.actions(mode).values()} != {DELETE_ROW}:
                yield _contradiction(step.label, tuple(step.actions(mode)), f"is changed in rows that {mode} deletes")
            yield from _impossible_nulls(step, mode)


def _impossible_nulls(step: Step, mode: Mode) -> Iterator[CheckMessage]:
    for name, action in step.actions(mode).items():
        if isinstance(action, Replace) and action.makes_null and not step.field(name).null:
            yield _contradiction(step.label, (name,), "cannot be null")


def _contradiction(model: str, fields: tuple[str, ...], what: str) -> CheckMessage:
    sentence = f"The inventory contradicts itself: {model}.{'/'.join(fields)} {what}."
    return Error(sentence, hint="Mend the line in `personal_data.py`.", id="bazaar.E013")

"""The system check that nobody adds a column without deciding what an erasure does to it."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps.registry import Apps, apps as current_apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model

from bazaar.erasure.actions import DELETE_ROW, KEEP, Replace
from bazaar.erasure.inventory import FieldPolicy, Step, collect, steps
from bazaar.erasure.proposals import is_text, proposal
from bazaar.erasure.scope import Mode

HINT = "Add a policy to `personal_data.py` of the app, or to bazaar/personal_data.py for an app that is not ours."


@register("maintenance")
def check_inventory(
    *, apps: Apps = current_apps, policies: Sequence[FieldPolicy] | None = None, **_kwargs: Any
) -> list[CheckMessage]:
    """Every column of every installed app is classified, and every policy of the inventory names what exists.

    `apps` is the registry whose models are looked at; `policies` the inventory, by default what its apps say. All apps
    are looked at, even where a check was asked for some: a part of an inventory proves nothing.
    """
    policies = collect(apps) if policies is None else policies
    unknown = list(_unknown(policies, apps))
    if unknown:
        return unknown
    reports = (_unclassified, _users_kept, _contradictions, _kept_for_ever, _unexplained)
    return [message for report in reports for message in report(policies, apps)]


def _models(apps: Apps) -> list[type[Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]


def _unknown(policies: Sequence[FieldPolicy], apps: Apps) -> Iterator[CheckMessage]:
    """Report policies about a model or field that does not exist."""
    for policy in policies:
        try:
            model = apps.get_model(policy.model)
        except (LookupError, ValueError):
            yield Error(
                f"The inventory names the model {policy.model}, which does not exist.", hint=HINT, id="bazaar.E012"
            )
            continue
        for name in policy.fields:
            try:
                model._meta.get_field(name)
            except FieldDoesNotExist:
                sentence = f"The inventory names the field {policy.model}.{name}, which does not exist."
                yield Error(sentence, hint=HINT, id="bazaar.E012")


def _unclassified(policies: Sequence[FieldPolicy], apps: Apps) -> Iterator[CheckMessage]:
    """Report columns without a policy."""
    known = {(apps.get_model(policy.model), name) for policy in policies for name in policy.fields}
    for model in _models(apps):
        for field in model._meta.local_concrete_fields:
            if (model, field.name) not in known:
                sentence = (
                    f"{model._meta.label}.{field.name} is not classified: what does deleting an account do to it?"
                )
                hint = f"{HINT} Proposed: {proposal(field)}"
                yield Error(sentence, hint=hint, obj=model, id="bazaar.E010")


def _users_kept(policies: Sequence[FieldPolicy], apps: Apps) -> Iterator[CheckMessage]:
    """Report foreign keys to the user that a full deletion would leave where they are."""
    freed = {
        (apps.get_model(policy.model), name)
        for policy in policies
        for name in policy.fields
        if policy.delete is not KEEP
    }
    for model in _models(apps):
        for field in model._meta.local_concrete_fields:
            if _names_a_user(field) and (model, field.name) not in freed:
                yield Error(
                    f"{model._meta.label}.{field.name} refers to the user, and nothing frees it when the user goes.",
                    hint="Say in its policy how it is found and that a deletion deletes the row or makes it null.",
                    obj=model,
                    id="bazaar.E011",
                )


def _names_a_user(field: "Field[Any, Any]") -> bool:
    target = field.related_model
    return isinstance(target, type) and target._meta.label == settings.AUTH_USER_MODEL


def _kept_for_ever(policies: Sequence[FieldPolicy], _apps: Apps) -> Iterator[CheckMessage]:
    """Report personal models with neither an age limit nor a reason why they have none."""
    kept = {policy.model for policy in policies if policy.limits or policy.because}
    for model in sorted({policy.model for policy in policies if policy.is_personal} - kept):
        yield Error(
            f"{model} holds personal data and has neither an age limit nor a reason why it has none.",
            hint='Write `limits="SETTING"` or `because="..."` at the model in `personal_data.py`.',
            id="bazaar.E014",
        )


def _unexplained(policies: Sequence[FieldPolicy], apps: Apps) -> Iterator[CheckMessage]:
    """Report columns that can hold any text and are called not personal, without a note why."""
    for policy in policies:
        fields = [apps.get_model(policy.model)._meta.get_field(name) for name in policy.fields]
        texts = [field.name for field in fields if isinstance(field, Field) and is_text(field)]
        if texts and not policy.is_personal and not policy.note:
            yield Error(
                f"{policy.model}.{'/'.join(texts)} can hold any text and is called not personal, without a note.",
                hint="Write what it holds instead: `not_personal(fields, note)`.",
                id="bazaar.E015",
            )


def _contradictions(policies: Sequence[FieldPolicy], apps: Apps) -> Iterator[CheckMessage]:
    """Report policies that cannot be executed, or that say two things."""
    for policy in policies:
        if policy.selector is None and (policy.is_personal or (policy.anonymise, policy.delete) != (KEEP, KEEP)):
            yield _contradiction(policy.model, policy.fields, "does not say how the person is found")
    for step in steps(policies, apps):
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
    return Error(sentence, hint="Correct the policy in `personal_data.py`.", id="bazaar.E013")

"""The failed items of a run, each with a link to its object where there is one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.db.models import Model
from django.urls import NoReverseMatch, reverse

from maintenance.core import registry
from maintenance.core.clock import database_now
from maintenance.core.errors import InvalidRetention
from maintenance.models import JobRun


@dataclass(frozen=True)
class FailedItem:
    """`address` is that of its object in the admin; empty where there is none, or the user may not view it."""

    id: str
    cause: str
    address: str = ""


def failed_items(run: JobRun, user: Any) -> list[FailedItem]:
    """Return the failed items that a run stored, which are the first few."""
    errors = [error for error in _errors(run) if isinstance(error, dict)]
    model = _model_of(run.job) if errors else None
    can_view = model is not None and _can_view(model, user)
    return [
        FailedItem(str(error.get("id", "")), str(error.get("error", "")), _address(model, error) if can_view else "")
        for error in errors
    ]


def _errors(run: JobRun) -> Iterator[Any]:
    errors = run.details.get("errors")
    yield from errors if isinstance(errors, list) else ()


def _model_of(name: str) -> type[Model] | None:
    """Return the model of a job's items; `None` where they may be of several, as an id does not say which."""
    job = registry.find(name)
    try:
        models = {stage.due.model for stage in job.stages(database_now())} if job else set()
    except InvalidRetention:
        return None
    return models.pop() if len(models) == 1 else None


def _can_view(model: type[Model], user: Any) -> bool:
    meta = model._meta
    return admin.site.is_registered(model) and bool(user.has_perm(f"{meta.app_label}.view_{meta.model_name}"))


def _address(model: type[Model] | None, error: dict[str, Any]) -> str:
    if model is None or not isinstance(error.get("id"), int):  # a file has its name, and no page
        return ""
    meta = model._meta
    try:
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[quote(error["id"])])
    except NoReverseMatch:
        return ""

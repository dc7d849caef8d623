"""Rows that no job may touch for now, as the project says: those of persons under a legal hold, for instance."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import reduce
from importlib import import_module
from operator import or_
from typing import Any, Protocol, cast

from django.db.models import Model, Q, QuerySet

from maintenance.conf import settings
from maintenance.core.array_lookup import in_array
from maintenance.core.job import Job
from maintenance.core.stages import KeyStage, PrefetchStage, RowStage, Stage


class Holds(Protocol):
    """What the module that `MAINTENANCE_HOLDS` names has."""

    def require_known(self) -> None:
        """Raise `NotReady` where nobody can tell now which rows are held."""

    def has_holds(self) -> bool:
        """Return whether any row is held."""

    def held_rows(self, model: type[Model]) -> Sequence[QuerySet[Any, Any]]:
        """Return queries for the primary keys of the held rows of a model. Building them reads no data."""


def stages_of(job: Job, now: datetime) -> list[RowStage[Any] | PrefetchStage[Any, Any] | KeyStage[Any]]:
    """Return the stages of a job, in which no row is due that is held; the database asks anew in each statement."""
    stages = list(job.stages(now))
    return [replace(stage, due=free(stage.due)) for stage in stages] if job.respects_holds else stages


def require_known(job: Job) -> None:
    """Raise `NotReady` where a job cannot know which rows it must leave alone."""
    project = _project()
    if project is not None and job.respects_holds:
        project.require_known()


def exist() -> bool:
    """Return whether any row is held: without one, a count needs no conditions about holds."""
    project = _project()
    return project is not None and project.has_holds()


def touch(rows: QuerySet[Any]) -> bool:
    """Return whether any of some rows is held."""
    project = _project()
    if project is None or not project.has_holds():
        return False
    return any(rows.filter(pk__in=keys).exists() for keys in project.held_rows(rows.model))


def free_keys(stage: Stage[Any], keys: Sequence[Any]) -> Sequence[Any]:
    """Return those of some primary keys whose rows are not held."""
    project = _project()
    if project is None or not project.has_holds():
        return list(keys)
    held = {
        *stage.due.model._base_manager.filter(in_array(keys)).filter(_any(stage, project)).values_list("pk", flat=True)
    }
    return [key for key in keys if key not in held]


def count_held(job: Job, now: datetime) -> dict[str, int]:
    """Count the units of a job that would be due at `now` and are held, by the settings of the age limits."""
    project = _project()
    if project is None or not job.respects_holds or not project.has_holds():
        return {}
    held: dict[str, int] = {}
    for stage in job.stages(now):
        if stage.is_counted and (number := stage.due.filter(_any(stage, project)).count()):
            held[job.limit_name(stage)] = held.get(job.limit_name(stage), 0) + number
    return held


def free(due: QuerySet[Any]) -> QuerySet[Any]:
    """Return those of some rows that are not held; the database asks anew in each statement."""
    project = _project()
    for keys in project.held_rows(due.model) if project else ():
        due = due.exclude(pk__in=keys)
    return due


def _any(stage: Stage[Any], project: Holds) -> Q:
    return reduce(or_, (Q(pk__in=keys) for keys in project.held_rows(stage.due.model)), Q(pk__in=[]))


def _project() -> Holds | None:
    path = settings.MAINTENANCE_HOLDS
    return cast("Holds", import_module(path)) if path else None

"""Days that pass in a moment: all times in the database move back, so that for the program the clock moves on.

No clock is touched. What matters to the program is how long ago something was, and whether a scheduled time has come.
"""

from collections.abc import Iterator
from datetime import timedelta

import psycopg
from django.apps import apps
from django.db import connection
from django.db.models import DateField, DateTimeField, Model

from maintenance.models import Canary, ClusterHeartbeat, HealthSnapshot, JobRun

OF_NOW = {Canary, ClusterHeartbeat, HealthSnapshot}
"""What running processes have just written: it is of today."""
OURS = {"bazaar", "decisions", "holds", "maintenance", "searches", "django_q", "admin", "sessions"}
FINISHED = f"WHERE status NOT IN ('{JobRun.Status.QUEUED}', '{JobRun.Status.RUNNING}')"
FAR = timedelta(days=100_000)
"""How far unique times move first, so that no row takes the place of one that has not moved yet."""


def let_pass(time: timedelta) -> None:
    """Let a time pass for every row but those of runs that are not finished; dates move by whole days only."""
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SET session_replication_role = replica")  # no trigger takes it for a change of the site's
        for model in _models():
            for away in (FAR, time - FAR):
                if columns := list(_moves(model, away)):
                    where = FINISHED if model is JobRun else ""
                    other.execute(f"UPDATE {model._meta.db_table} SET {', '.join(columns)} {where}")


def _models() -> Iterator[type[Model]]:
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label in OURS and model not in OF_NOW and model._meta.managed:
            yield model


def _moves(model: type[Model], time: timedelta) -> Iterator[str]:
    for field in model._meta.concrete_fields:
        if isinstance(field, DateTimeField):
            yield f"{field.column} = {field.column} - interval '{time.total_seconds():.0f} seconds'"
        elif isinstance(field, DateField):
            yield f"{field.column} = {field.column} - {time.days}"

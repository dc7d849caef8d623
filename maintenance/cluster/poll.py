"""The one statement by which an idle cluster finds out whether there is work."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ

from maintenance.core.clock import moment_of
from maintenance.core.states import UNFINISHED
from maintenance.models import JobRun, Pause
from maintenance.scheduling import validity


@dataclass(frozen=True)
class Work:
    """What the statement found. Where two are equal, nothing that a cluster acts on has changed."""

    is_schedule_due: bool = False
    has_unfinished_run: bool = False
    is_pause_over: bool = False
    last_run: int | None = None
    has_task: bool = field(default=False, compare=False)
    """Whether a task is queued: a process of the queue takes it."""
    last_migration: int | None = field(default=None, compare=False)
    """Changes when the database is migrated, forwards or backwards."""

    @property
    def is_any(self) -> bool:
        return self.is_schedule_due or self.has_unfinished_run or self.is_pause_over


def look() -> Work:
    """Ask the database whether there is work. Times are compared with this host's clock, as django-q2 does."""
    sql, params = _statement()
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        next_run, unfinished, last_run, queued_at, pause_end, migration = cursor.fetchone()
    now = timezone.now()
    return Work(
        is_schedule_due=next_run is not None and moment_of(next_run) < now,
        is_pause_over=pause_end is not None and moment_of(pause_end) <= now,
        has_unfinished_run=unfinished is not None,
        last_run=last_run,
        has_task=queued_at is not None and moment_of(queued_at) <= now,
        last_migration=migration,
    )


@cache
def _statement() -> tuple[str, list[Any]]:
    """Return the statement and its parameters, which are always the same: Django builds it once."""
    rows = (
        validity.scheduled().order_by("next_run").values("next_run"),
        JobRun.objects.filter(status__in=UNFINISHED).order_by().values("pk"),
        JobRun.objects.order_by("-pk").values("pk"),
        OrmQ.objects.filter(key=Conf.CLUSTER_NAME).order_by("lock").values("lock"),
        Pause.objects.filter(until__isnull=False).order_by("until").values("until"),
        MigrationRecorder(connection).migration_qs.order_by("-id").values("id"),
    )
    parts = [queryset[:1].query.sql_with_params() for queryset in rows]
    return f"SELECT {', '.join(f'({sql})' for sql, _ in parts)}", [value for _, params in parts for value in params]

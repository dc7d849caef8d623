"""The `Schedule` rows of django-q2: a projection of the jobs and of an operator's decisions (`JobSetting`).

django-q2 1.11 computes `next_run` only when a row is created or fires, so every change here writes it. Its names are
not unique, and its functions are free text: a row is ours when it calls `FUNCTION`.
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.apps.registry import Apps, apps as current_apps
from django.db import transaction
from django.db.models import Model, QuerySet
from django_q.models import Schedule

from maintenance.core import cron, registry
from maintenance.core.clock import database_now
from maintenance.core.database import advisory_lock
from maintenance.core.errors import InvalidCron
from maintenance.core.job import Job
from maintenance.engine.pauses import ALL_JOBS
from maintenance.models import JobSetting, Pause
from maintenance.scheduling.late_schedules import report_if_late

logger = logging.getLogger(__name__)

FUNCTION = "maintenance.tasks.run_scheduled"
"""The function that every schedule of ours calls, with the job's name as its only argument."""
SLOT = "slot"
"""The keyword that carries the scheduled time."""
LOCK = "maintenance.scheduling.schedules"
"""The advisory lock under which the rows are rewritten."""
FOR_EVER, NEVER = -1, 0
"""`Schedule.repeats` of a job whose times fire, and of a disabled or paused one."""


@dataclass
class Changes:
    """The names of the jobs whose rows an update has changed."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.created or self.updated or self.removed)


@dataclass(frozen=True)
class Decision:
    """The schedule of a job, and whether it is enabled: its own definition, unless an operator decided otherwise.

    `pause` is the pause that holds it back longest, until it is ended (`scheduling.pauses`): its time may have passed.
    """

    expression: str
    is_enabled: bool
    pause: Pause | None = None

    @property
    def repeats(self) -> int:
        return FOR_EVER if self.is_enabled and self.pause is None else NEVER

    @classmethod
    def about(cls, job: Job, setting: JobSetting | None, pauses: Iterable[Pause] = ()) -> "Decision":
        expression, is_enabled = job.schedule, job.enabled
        if setting is not None:
            expression = setting.cron or expression
            is_enabled = is_enabled if setting.enabled is None else setting.enabled
        with suppress(InvalidCron):  # `validity` reports it
            expression = cron.normalise(expression)
        held = [pause for pause in pauses if pause.job in {ALL_JOBS, job.name}]
        return cls(expression, is_enabled, max(held, key=_end_of, default=None))

    def next_run(self, now: datetime) -> datetime | None:
        """Return the next time after `now`; `None` when it is disabled or cannot be read."""
        try:
            return next(cron.times(cron.normalise(self.expression), now), None) if self.is_enabled else None
        except InvalidCron:
            return None


def _end_of(pause: Pause) -> datetime:
    return pause.until or datetime.max.replace(tzinfo=UTC)


def decisions(pauses: Iterable[Pause] | None = None) -> Iterator[tuple[Job, Decision]]:
    """Yield every job with its decision. `pauses` saves the query for all of them."""
    settings = {setting.job: setting for setting in JobSetting.objects.all()}
    pauses = list(Pause.objects.all() if pauses is None else pauses)
    for job in registry.all_jobs():
        yield job, Decision.about(job, settings.get(job.name), pauses)


def ours() -> QuerySet[Schedule]:
    """Return the rows that belong to jobs."""
    rows: QuerySet[Schedule] = Schedule.objects.filter(func=FUNCTION)
    return rows


def arguments_of(name: str) -> str:
    """Return a job's name as `Schedule.args` holds it."""
    return repr((name,))


def synchronise() -> Changes:
    """Give every job exactly one row, as decided; keep foreign rows; remove the rows of jobs that are gone.

    A row that is right already is not written, so its `next_run` stays, and two processes may do this at once.
    """
    changes = Changes()
    with transaction.atomic():
        advisory_lock(LOCK)
        now = database_now()
        rows: dict[str, list[Schedule]] = {}
        for row in ours().order_by("pk"):
            rows.setdefault(row.name or "", []).append(row)
        for job, decision in decisions():
            row, *doubles = rows.pop(job.name, [Schedule(name=job.name)])
            _project(row, job, decision, now, changes)
            _remove(doubles, changes)
        for name, gone in rows.items():
            if name not in registry.broken():
                _remove(gone, changes)
    return changes


def add_missing() -> list[str]:
    """Give a row to every job that has none, because it was added since the last migration; return their names.

    Other rows stay as they are: a cluster of an older version, on another machine, must not remove those of new jobs.
    """
    changes = Changes()
    with transaction.atomic():
        advisory_lock(LOCK)
        now = database_now()
        existing = set(ours().values_list("name", flat=True))
        for job, decision in decisions():
            if job.name not in existing:
                _project(Schedule(name=job.name), job, decision, now, changes)
    for name in changes.created:
        logger.info("The job %s had no schedule, and has one now.", name)
    return changes.created


def _project(row: Schedule, job: Job, decision: Decision, now: datetime, changes: Changes) -> None:
    wanted = {
        "func": FUNCTION,
        "hook": None,
        "args": arguments_of(job.name),
        "kwargs": None,
        "schedule_type": Schedule.CRON,
        "minutes": None,
        "repeats": decision.repeats,
        "cron": decision.expression,
        "cluster": None,
        "intended_date_kwarg": SLOT,
    }
    is_new = row.pk is None
    is_as_wanted = all(getattr(row, name) == value for name, value in wanted.items())
    has_a_time = decision.next_run(now) is None or row.next_run is not None
    if not is_new and is_as_wanted and has_a_time and not report_if_late(row, now):
        return
    has_same_times = row.cron == wanted["cron"]
    for name, value in wanted.items():
        setattr(row, name, value)
    if not (decision.pause and decision.is_enabled and _is_kept(row, now, has_same_times=has_same_times)):
        row.next_run = decision.next_run(now)
        row.task = None  # its last task belongs to the former schedule
    super(Schedule, row).save()  # its own `save` uses the host's clock and fails for a bad expression
    (changes.created if is_new else changes.updated).append(job.name)


def _is_kept(row: Schedule, now: datetime, *, has_same_times: bool) -> bool:
    """Return whether a paused row keeps its next time, so that the end of the pause finds what has passed."""
    return row.next_run is not None and (has_same_times or row.next_run <= now)


def _remove(rows: list[Schedule], changes: Changes) -> None:
    changes.removed += [row.name or "" for row in rows]
    Schedule.objects.filter(pk__in=[row.pk for row in rows]).delete()


def synchronise_after_migrate(*, apps: Apps = current_apps, **_kwargs: Any) -> None:
    """Update the rows, or remove them where the tables of the jobs are gone (a receiver of `post_migrate`)."""
    tables = set(apps.all_models["maintenance"]), set(apps.all_models["django_q"])
    if not tables[1]:
        return
    if not tables[0]:
        ours().delete()
    elif all(_is_current(model, apps) for model in (JobSetting, Pause)):
        synchronise()


def _is_current(model: type[Model], apps: Apps) -> bool:
    """Return whether a table has the columns of this version: after a migration backwards it does not."""
    former = apps.all_models["maintenance"].get(str(model._meta.model_name))
    return former is not None and _columns(former) == _columns(model)


def _columns(model: type[Model]) -> set[str]:
    return {str(field.column) for field in model._meta.concrete_fields}

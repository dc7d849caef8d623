"""django-q2's `Schedule` rows, as a projection of the jobs and of what an operator decided (`JobSetting`).

Hazards of django-q2 1.11 that this module keeps from an operator:

- The scheduler handles all due rows in one transaction. A row that cannot be read raises, everything is rolled back,
  and nothing fires any more until that row is gone. `set_aside_broken` looks for such rows right before each pass and
  gives them `next_run = NULL`, which the scheduler never matches.
- It computes `next_run` only when a row is created or fires, so every change here writes it.
- Its names are not unique, and its functions are free text. A row is ours when it calls `FUNCTION`.
"""

import ast
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.apps import AppConfig
from django.db import transaction
from django_q.models import Schedule

from maintenance import cron, registry
from maintenance.clock import database_now
from maintenance.database import one_at_a_time
from maintenance.errors import InvalidCron, summary_of
from maintenance.job import Job
from maintenance.models import JobSetting

logger = logging.getLogger(__name__)

FUNCTION = "maintenance.tasks.run_scheduled"
"""What every schedule of ours calls, with the job's name as its only argument."""
SLOT = "slot"
"""The keyword that carries the scheduled time."""
LOCK = "maintenance.schedules"
"""Held by whoever rewrites the rows."""
FOR_EVER, NEVER = -1, 0
"""`Schedule.repeats` of an enabled and of a disabled job."""


@dataclass
class Changes:
    """What bringing the rows up to date has changed: names of jobs."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.created or self.updated or self.removed)


@dataclass(frozen=True)
class Decision:
    """When a job is to run, and whether: the job's own definition, unless an operator decided otherwise."""

    expression: str
    is_enabled: bool

    @classmethod
    def about(cls, job: Job, setting: JobSetting | None) -> "Decision":
        if setting is None:
            return cls(job.schedule, job.enabled)
        return cls(
            setting.cron or job.schedule,
            job.enabled if setting.enabled is None else setting.enabled,
        )

    def next_run(self, now: datetime) -> datetime | None:
        """Return the next time after `now`; `None` when it is disabled or cannot be read."""
        try:
            return next(cron.times(cron.normalise(self.expression), now), None) if self.is_enabled else None
        except InvalidCron:
            return None


def decisions() -> Iterator[tuple[Job, Decision]]:
    """Yield every job with what holds for it."""
    settings = {setting.job: setting for setting in JobSetting.objects.all()}
    for job in registry.all_jobs():
        yield job, Decision.about(job, settings.get(job.name))


def ours() -> Any:
    """Return the rows that belong to jobs."""
    return Schedule.objects.filter(func=FUNCTION)


def arguments_of(name: str) -> str:
    """Return a job's name as `Schedule.args` holds it."""
    return repr((name,))


def synchronise() -> Changes:
    """Give every job exactly one row, as decided; keep foreign rows; remove those of jobs that are gone.

    What is right already is not written, so `next_run` stays, and two processes may do this at once.
    """
    changes = Changes()
    with transaction.atomic():
        one_at_a_time(LOCK)
        now = database_now()
        rows: dict[str, list[Schedule]] = {}
        for row in ours().select_for_update().order_by("pk"):
            rows.setdefault(row.name or "", []).append(row)
        for job, decision in decisions():
            row, *doubles = rows.pop(job.name, [Schedule(name=job.name)])
            _project(row, job, decision, now, changes)
            _remove(doubles, changes)
        for name, gone in rows.items():
            if name not in registry.broken():
                _remove(gone, changes)
    return changes


def _project(row: Schedule, job: Job, decision: Decision, now: datetime, changes: Changes) -> None:
    wanted = {
        "func": FUNCTION,
        "hook": None,
        "args": arguments_of(job.name),
        "kwargs": None,
        "schedule_type": Schedule.CRON,
        "minutes": None,
        "repeats": FOR_EVER if decision.is_enabled else NEVER,
        "cron": decision.expression,
        "cluster": None,
        "intended_date_kwarg": SLOT,
    }
    is_new = row.pk is None
    is_as_wanted = all(getattr(row, name) == value for name, value in wanted.items())
    has_a_time = decision.next_run(now) is None or row.next_run is not None
    if not is_new and is_as_wanted and has_a_time:
        return
    for name, value in wanted.items():
        setattr(row, name, value)
    row.next_run = decision.next_run(now)
    super(Schedule, row).save()  # its own `save` computes the time by the host's clock, and trips over a bad expression
    (changes.created if is_new else changes.updated).append(job.name)


def _remove(rows: list[Schedule], changes: Changes) -> None:
    for row in rows:
        changes.removed.append(row.name or "")
        row.delete()


def synchronise_after_migrate(sender: AppConfig, **_kwargs: Any) -> None:
    """Bring the rows up to date when the tables are there (a receiver of `post_migrate`)."""
    del sender
    synchronise()


def set_aside_broken() -> list[tuple[Schedule, str]]:
    """Take every row that would make the scheduler fail out of its way, and say in the log which and why."""
    broken = []
    with transaction.atomic():
        for row in Schedule.objects.select_for_update().exclude(repeats=NEVER).filter(next_run__isnull=False):
            reason = why_broken(row)
            if reason:
                Schedule.objects.filter(pk=row.pk).update(next_run=None)
                broken.append((row, reason))
    for row, reason in broken:
        logger.error("Schedule %s is set aside, and fires no more: %s Mend it with sync_schedules.", row.pk, reason)
    return broken


def why_broken(row: Schedule) -> str:
    """Say why the scheduler, or the job's run, would fail on `row`; nothing where it would not."""
    if row.func == FUNCTION:
        reason = _why_ours_is_broken(row)
        if reason:
            return reason
    try:
        if row.args:
            ast.literal_eval(row.args)
        if row.kwargs:
            _kwargs_of(row.kwargs)["q_options"] = {}
        if row.schedule_type != Schedule.ONCE:
            row.calculate_next_run(row.next_run)
    except Exception as error:
        return f"its time or its arguments cannot be read ({summary_of(error)})."
    return ""


def _why_ours_is_broken(row: Schedule) -> str:
    if row.args != arguments_of(row.name or ""):
        return "its argument is not the name of its job."
    if row.schedule_type != Schedule.CRON:
        return "it is not a cron schedule."
    try:
        cron.normalise(row.cron or "")
    except InvalidCron as error:
        return str(error)
    return ""


def _kwargs_of(text: str) -> dict[str, Any]:
    """Read keyword arguments as the scheduler does: a dict, or `name=value` pairs; it forgives what is neither."""
    try:
        value = ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return {}
    if not isinstance(value, dict):
        raise TypeError
    return value

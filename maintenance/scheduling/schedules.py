"""django-q2's `Schedule` rows, as a projection of the jobs and of what an operator decided (`JobSetting`).

Hazards of django-q2 1.11 that this module keeps from an operator:

- The scheduler handles all due rows in one transaction. A row that cannot be read raises, everything is rolled back,
  and nothing fires any more until that row is gone. `fire_due` looks for such rows right before each pass and gives
  them `next_run = NULL`, which the scheduler never matches.
- It computes `next_run` only when a row is created or fires, so every change here writes it.
- Its names are not unique, and its functions are free text. A row is ours when it calls `FUNCTION`.
"""

import ast
import inspect
import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django_q.brokers import get_broker
from django_q.conf import Conf
from django_q.models import Schedule
from django_q.scheduler import scheduler
from django_q.tasks import async_task

from maintenance.core import cron, registry
from maintenance.core.clock import database_now
from maintenance.core.database import advisory_lock
from maintenance.core.errors import InvalidCron, summary_of
from maintenance.core.job import Job
from maintenance.models import JobSetting
from maintenance.scheduling.late_schedules import tell_late

logger = logging.getLogger(__name__)

FUNCTION = "maintenance.tasks.run_scheduled"
"""What every schedule of ours calls, with the job's name as its only argument."""
SLOT = "slot"
"""The keyword that carries the scheduled time."""
LOCK = "maintenance.scheduling.schedules"
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
        expression, is_enabled = job.schedule, job.enabled
        if setting is not None:
            expression = setting.cron or expression
            is_enabled = is_enabled if setting.enabled is None else setting.enabled
        with suppress(InvalidCron):  # who reads it tells it
            expression = cron.normalise(expression)
        return cls(expression, is_enabled)

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


def ours() -> QuerySet[Schedule]:
    """Return the rows that belong to jobs."""
    rows: QuerySet[Schedule] = Schedule.objects.filter(func=FUNCTION)
    return rows


def arguments_of(name: str) -> str:
    """Return a job's name as `Schedule.args` holds it."""
    return repr((name,))


def synchronise() -> Changes:
    """Give every job exactly one row, as decided; keep foreign rows; remove those of jobs that are gone.

    What is right already is not written, so `next_run` stays, and two processes may do this at once.
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
    if not is_new and is_as_wanted and has_a_time and not tell_late(row, now):
        return
    for name, value in wanted.items():
        setattr(row, name, value)
    row.next_run = decision.next_run(now)
    row.task = None  # what it has started before says nothing about the times that hold from now on
    super(Schedule, row).save()  # its own `save` computes the time by the host's clock, and trips over a bad expression
    (changes.created if is_new else changes.updated).append(job.name)


def _remove(rows: list[Schedule], changes: Changes) -> None:
    changes.removed += [row.name or "" for row in rows]
    Schedule.objects.filter(pk__in=[row.pk for row in rows]).delete()


def synchronise_after_migrate(**_kwargs: Any) -> None:
    """Bring the rows up to date when the tables are there (a receiver of `post_migrate`)."""
    synchronise()


def fire_due() -> None:
    """Hand the jobs whose time has come to the queue, and foreign schedules likewise."""
    set_aside_broken()
    scheduler(broker=get_broker())


def set_aside_broken() -> list[tuple[Schedule, str]]:
    """Take every row that would make the scheduler fail out of its way, and say in the log which and why.

    No row is locked that is well: two schedulers, and whoever else locks several rows, would wait for each other.
    """
    mine = Q(cluster=Conf.CLUSTER_NAME)
    if Conf.CLUSTER_NAME == Conf.PREFIX:
        mine |= Q(cluster=None)
    broken = []
    for row in Schedule.objects.exclude(repeats=NEVER).filter(mine, next_run__isnull=False).order_by("pk"):
        reason = why_broken(row)
        if reason and Schedule.objects.filter(pk=row.pk, next_run=row.next_run).update(next_run=None):
            remedy = "Mend it with sync_schedules." if row.func == FUNCTION else "It is none of ours."
            logger.error("Schedule %s is set aside, and fires no more: %s %s", row.pk, reason, remedy)
            broken.append((row, reason))
    return broken


def why_broken(row: Schedule) -> str:
    """Say why the scheduler, or the job's run, would fail on `row`; nothing where it would not."""
    if row.func == FUNCTION and (reason := _why_ours_is_broken(row)):
        return reason
    try:
        _try_call(row)
        _try_time(row)
    except Exception as error:
        return f"its time or its arguments cannot be read ({summary_of(error)})."
    return ""


def _why_ours_is_broken(row: Schedule) -> str:
    if row.args != arguments_of(row.name or ""):
        return "its argument is not the name of its job."
    if row.kwargs or row.hook or row.intended_date_kwarg != SLOT:
        return "it calls for more than its job, or for less."
    if row.schedule_type != Schedule.CRON:
        return "it is not a cron schedule."
    try:
        expression = cron.normalise(row.cron or "")
    except InvalidCron as error:
        return str(error)
    alike = cron.is_read_alike(row.cron or "", expression)
    return "" if alike else f"'{row.cron}' means '{expression}', and the queue would read it in another way."


def _try_time(row: Schedule) -> None:
    """Compute the next time as the scheduler does: again and again, until it is one that is yet to come."""
    if row.schedule_type == Schedule.ONCE or row.next_run is None:
        return
    following = row.calculate_next_run(row.next_run)
    if row.schedule_type != Schedule.CRON and following <= row.next_run:
        raise ValueError


def _try_call(row: Schedule) -> None:
    """Read the arguments as the scheduler does, and see whether a task could be made of them."""
    args = ast.literal_eval(row.args) if row.args else ()
    kwargs = _kwargs_of(row.kwargs) if row.kwargs else {}
    if row.intended_date_kwarg:
        kwargs[row.intended_date_kwarg] = ""
    options = kwargs.get("q_options", {})
    if not isinstance(options, dict) or options.get("sync", kwargs.get("sync")):
        raise TypeError
    queue = row.cluster or options.get("cluster", options.get("broker_name"))
    if "broker" in options and queue not in {None, Conf.CLUSTER_NAME}:
        raise TypeError
    inspect.signature(async_task).bind(row.func, *(args if isinstance(args, tuple) else (args,)), **kwargs)


def _kwargs_of(text: str) -> dict[Any, Any]:
    """Read keyword arguments: a dict, or `name=value` pairs; the scheduler forgives what is neither."""
    try:
        value = ast.literal_eval(text)
    except (SyntaxError, ValueError):
        try:
            pairs = ast.parse(f"f({text})").body[0].value.keywords  # type: ignore[attr-defined]
            value = {pair.arg: ast.literal_eval(pair.value) for pair in pairs}
        except (SyntaxError, ValueError):
            value = {}
    if not isinstance(value, dict):
        raise TypeError
    return value

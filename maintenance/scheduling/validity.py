"""Keep invalid rows away from django-q2's scheduler, and let it fire the due ones.

The scheduler of django-q2 1.11 handles all due rows in one transaction. A row that it cannot read raises, the
transaction rolls back, and no schedule fires any more until that row is gone. `fire_due` finds such rows before each
pass and sets their `next_run` to NULL, which the scheduler never matches.
"""

import ast
import inspect
import logging
from contextlib import suppress
from typing import Any

from django.db.models import Q, QuerySet
from django_q.brokers import get_broker
from django_q.conf import Conf
from django_q.models import Schedule
from django_q.scheduler import scheduler
from django_q.tasks import async_task

from maintenance.core import cron
from maintenance.core.errors import InvalidCron, summary_of
from maintenance.core.queue_functions import OPTIONS_WITH_FUNCTIONS, is_allowed_hook
from maintenance.scheduling.schedules import FUNCTION, NEVER, SLOT, arguments_of

logger = logging.getLogger(__name__)


def fire_due() -> None:
    """Enqueue the jobs whose scheduled time has come, and the tasks of foreign schedules likewise."""
    quarantine_invalid()
    scheduler(broker=get_broker())


def quarantine_invalid() -> list[tuple[Schedule, str]]:
    """Set `next_run` of every row that would make the scheduler fail to NULL, and log the row and the reason.

    Valid rows are not locked: two schedulers that lock several rows each would wait for each other.
    """
    broken = []
    for row in scheduled().order_by("pk"):
        reason = reason_invalid(row)
        if reason and Schedule.objects.filter(pk=row.pk, next_run=row.next_run).update(next_run=None):
            remedy = "Run `manage.py sync_schedules`." if row.func == FUNCTION else "It belongs to no job."
            logger.error("Schedule %s is quarantined and does not fire: %s %s", row.pk, reason, remedy)
            broken.append((row, reason))
    return broken


def scheduled() -> "QuerySet[Schedule]":
    """Return the rows that the scheduler fires at their next time."""
    mine = Q(cluster=Conf.CLUSTER_NAME)
    if Conf.CLUSTER_NAME == Conf.PREFIX:
        mine |= Q(cluster=None)
    rows: QuerySet[Schedule] = Schedule.objects.exclude(repeats=NEVER).filter(mine, next_run__isnull=False)
    return rows


def reason_invalid(row: Schedule) -> str:
    """Return why the scheduler, or the job's run, would fail on `row`; an empty text where it would not."""
    if row.func == FUNCTION and (reason := _reason_ours_is_invalid(row)):
        return reason
    if reason := _reason_calls_are_refused(row):
        return reason
    try:
        _try_call(row)
        _try_time(row)
    except Exception as error:
        return f"its time or its arguments cannot be read ({summary_of(error)})."
    return ""


def _reason_calls_are_refused(row: Schedule) -> str:
    """Return why the row would call what the queue may not call."""
    if not (row.func == FUNCTION or is_allowed_hook(row.func)):
        return "its function is not in MAINTENANCE_QUEUE_FUNCTIONS."
    if row.hook and not is_allowed_hook(row.hook):
        return "its hook is not in MAINTENANCE_QUEUE_FUNCTIONS."
    with suppress(Exception):  # arguments that cannot be read are told otherwise
        kwargs = _kwargs_of(row.kwargs or "{}")
        for options in (kwargs, kwargs.get("q_options", {})):
            if any(options.get(name) for name in OPTIONS_WITH_FUNCTIONS):
                return "its options name further functions."
    return ""


def _reason_ours_is_invalid(row: Schedule) -> str:
    if row.args != arguments_of(row.name or ""):
        return "its argument is not the name of its job."
    if row.kwargs or row.hook or row.intended_date_kwarg != SLOT:
        return "its arguments are not those of a job's schedule."
    if row.schedule_type != Schedule.CRON:
        return "it is not a cron schedule."
    try:
        expression = cron.normalise(row.cron or "")
    except InvalidCron as error:
        return str(error)
    alike = cron.is_read_alike(row.cron or "", expression)
    return "" if alike else f"'{row.cron}' means '{expression}', and the queue would read it in another way."


def _try_time(row: Schedule) -> None:
    """Compute the next time as the scheduler does, which repeats it until the time is in the future."""
    if row.schedule_type == Schedule.ONCE or row.next_run is None:
        return
    following = row.calculate_next_run(row.next_run)
    if row.schedule_type != Schedule.CRON and following <= row.next_run:
        raise ValueError


def _try_call(row: Schedule) -> None:
    """Read the arguments as the scheduler does, and check that a task can be made of them."""
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
    """Read keyword arguments: a dict, or `name=value` pairs; the scheduler ignores anything else."""
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

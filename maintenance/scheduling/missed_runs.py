"""Scheduled times that passed without a run: recorded as one `missed` run per job, and made up for once."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial, reduce
from itertools import islice, takewhile
from operator import or_

from django.db import transaction
from django.db.models import Q
from django_q.models import Schedule

from maintenance.core import checkins, cron, registry, time_text
from maintenance.core.clock import TOLERANCE, database_now
from maintenance.core.database import advisory_lock
from maintenance.core.errors import InvalidCron
from maintenance.models import JobRun, Pause
from maintenance.scheduling.recovery import LOOKBACK, LOST_AFTER, is_in_queue, request_recovery
from maintenance.scheduling.schedules import LOCK, NEVER, ours

logger = logging.getLogger(__name__)
Status, Trigger = JobRun.Status, JobRun.Trigger

MISSED_AFTER = timedelta(minutes=15)
"""A scheduled time is missed when it has no run after this duration."""
MOST_SLOTS = 10_000
"""The largest number of missed times that is counted."""
_gone_since: dict[str, datetime] = {}
"""When a schedule's last task was first missing from the queue without a run, by task id."""


def record_missed() -> list[JobRun]:
    """Write one `missed` run for each job whose scheduled times passed without a run, and request one recovery for all.

    There are two causes. No cluster was up at the time: the row still has it as its next time, which then moves to the
    future, so that the scheduler does not start the job as well. Or the queue got a task and lost it.
    """
    enabled = ours().exclude(repeats=NEVER).exclude(next_run=None)
    rows = {row.name: row for row in enabled.order_by("pk")}
    suspects = _suspects([rows[job.name] for job in registry.all_jobs() if job.name in rows], database_now())
    missed = [run for run in map(_record_missed, suspects) if run]
    for run in missed:
        logger.warning("%s: %s", run, run.message)
    return missed


def record_paused(resumed: Mapping[str, Pause], now: datetime) -> list[JobRun]:
    """Write one `missed` run for each job with times that passed in its pause, and request one recovery.

    The caller has just ended the pauses, and holds the lock.
    """
    rows = {row.name: row for row in ours().filter(name__in=resumed).exclude(next_run=None).order_by("pk")}
    missed = [
        _note(job.name, slots, now, is_paused=True)
        for job in registry.all_jobs()
        if job.name in rows and (slots := _slots_of_pause(rows[job.name], resumed[job.name], now))
    ]
    for run in missed:
        logger.info("%s: %s", run, run.message)
    return missed


def _slots_of_pause(row: Schedule, pause: Pause, now: datetime) -> list[datetime]:
    """Return the times without a run, from the first in a pause until now; none where none passed in it.

    The first one may have left the row: its task was in the queue when the pause began, which refused it.
    """
    try:
        expression = cron.normalise(row.cron or "")
    except InvalidCron:
        return []  # `quarantine_invalid` reports it
    before = cron.previous_time(expression, row.next_run)
    refused = row.task and before > pause.paused_at - MISSED_AFTER and not is_in_queue(row.task)
    slots = [before] if refused else []
    if row.next_run < min(now, pause.until or now):
        slots += _overdue_slots(row, expression, now)
    ran = _slots_with_run(row, slots, now)
    return [slot for slot in slots if slot not in ran]


def _suspects(rows: Sequence[Schedule], now: datetime) -> list[Schedule]:
    """Return the rows that may have a missed time, so that the others cost no lock: one statement for all."""
    slots = {row.name: slot for row in rows if (slot := _slot_of_task(row, now))}
    ran = (Q(job=name, slot__range=(slot, now + TOLERANCE)) for name, slot in slots.items())
    names = set(JobRun.objects.filter(reduce(or_, ran)).values_list("job", flat=True)) if slots else set()
    for row in rows:
        if row.name in names:
            _gone_since.pop(row.task, None)
    return [row for row in rows if _is_overdue(row, now) or row.name in slots.keys() - names]


def _is_overdue(row: Schedule, now: datetime) -> bool:
    return bool(row.next_run < now - MISSED_AFTER)


def _slot_of_task(row: Schedule, now: datetime) -> datetime | None:
    """Return the time of a row's last task, where it should have run by now and can still be recovered."""
    if not row.task or _is_overdue(row, now):
        return None
    try:
        slot = cron.previous_time(cron.normalise(row.cron or ""), row.next_run)
    except InvalidCron:
        return None  # `quarantine_invalid` reports it
    return slot if now - LOOKBACK < slot < now - MISSED_AFTER else None


def _record_missed(row: Schedule) -> JobRun | None:
    """Record the missed times of one row, in a transaction of its own, because the scheduler locks several rows too."""
    with transaction.atomic():
        advisory_lock(LOCK)
        now = database_now()
        slots = _slots_without_run(row, now)
        return _note(str(row.name), slots, now) if slots else None


def _slots_without_run(row: Schedule, now: datetime) -> list[datetime]:
    """Return the missed times of a row; move its next time to the future where it has passed."""
    if _is_overdue(row, now):
        try:
            slots = _overdue_slots(row, cron.normalise(row.cron or ""), now)
        except InvalidCron:
            return []  # `quarantine_invalid` reports it
        ran = _slots_with_run(row, slots, now)
        return [slot for slot in slots if slot not in ran]
    slot = _slot_of_task(row, now)
    return [slot] if slot and _confirm_lost(row, slot, now) else []


def _confirm_lost(row: Schedule, slot: datetime, now: datetime) -> bool:
    """Return whether the task of a scheduled time has left the queue for `LOST_AFTER` without a run.

    The first call that does not find the task notes the time. A later run counts as well, because an operator may have
    moved `next_run` by hand.
    """
    if _slots_with_run(row, [slot], now) or is_in_queue(row.task):
        _gone_since.pop(row.task, None)
        return False
    return now - _gone_since.setdefault(row.task, now) >= LOST_AFTER


def _overdue_slots(row: Schedule, expression: str, now: datetime) -> list[datetime]:
    """Move the row's next time to the future, and return the passed ones; none where another process was first."""
    following = next(cron.times(expression, now))
    if not Schedule.objects.filter(pk=row.pk, next_run=row.next_run).update(next_run=following):
        return []
    slots = [row.next_run, *_between(expression, row.next_run, now)][:MOST_SLOTS]
    last = cron.previous_time(expression, following)
    return slots + ([last] if slots[-1] < last else [])


def _slots_with_run(row: Schedule, slots: Sequence[datetime], now: datetime) -> set[datetime | None]:
    """Return the times since the first of `slots` that have a run, without those of a clock that was ahead."""
    if not slots:
        return set()
    return set(
        JobRun.objects.filter(job=row.name, slot__range=(slots[0], now + TOLERANCE)).values_list("slot", flat=True)
    )


def _between(expression: str, after: datetime, until: datetime) -> Iterator[datetime]:
    return takewhile(lambda slot: slot <= until, islice(cron.times(expression, after), MOST_SLOTS))


def _note(name: str, slots: Sequence[datetime], now: datetime, *, is_paused: bool = False) -> JobRun:
    """Write the `missed` run of a job, and request a recovery."""
    first, last, cause = slots[0], slots[-1], " It was paused." if is_paused else ""
    if len(slots) == 1:
        message = f"The job did not run at its scheduled time, {time_text.minute(last)}.{cause}"
    else:
        count = f"{len(slots):,}" if len(slots) <= MOST_SLOTS else f"more than {MOST_SLOTS:,}"
        period = f"{time_text.minute(first)} to {time_text.minute(last)}"
        message = f"The job did not run at {count} scheduled times, {period}.{cause}"
    details = {"missed": len(slots), "first": first.isoformat(), "last": last.isoformat()}
    run = JobRun.objects.create(
        job=name,
        trigger=Trigger.SCHEDULE,
        status=Status.MISSED,
        slot=last,
        queued_at=now,
        finished_at=now,
        message=message,
        details=details | ({"paused": True} if is_paused else {}),
    )
    request_recovery(name)
    transaction.on_commit(partial(checkins.ended, name, run.status))
    return run

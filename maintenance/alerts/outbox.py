"""The outbox: messages wait here for their channel, in the order in which they were written.

A process claims a message by an update that succeeds once, commits, sends it, and records the outcome: no transaction
is open while a channel is spoken to. A message whose process ended in between may have arrived. It is not sent again;
what it was about is told again after `REMIND_UNSURE`.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q

from maintenance.alert_models import TOLD, UNFINISHED, AlertDelivery, AlertKind, AlertStatus, Trouble

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=4)
GIVE_UP_AFTER = timedelta(days=1)
CLAIMED_FOR = timedelta(minutes=2)
"""Longer than an attempt may take: a message that was claimed before has lost its process."""
REMIND_EVERY = timedelta(days=1)
REMIND_UNSURE = timedelta(hours=1)
"""What may not have arrived is told again after this time."""
KEPT = timedelta(days=90)
ABOUT_TROUBLE = (AlertKind.TROUBLE, AlertKind.REMINDER)


def put(
    kind: AlertKind,
    title: str,
    text: str,
    channels: Iterable[str],
    now: datetime,
    *,
    troubles: Collection[str] = (),
    message: UUID | None = None,
    is_claimed: bool = False,
) -> list[AlertDelivery]:
    """Write one message for each channel, in the caller's transaction; delete what is older than `KEPT`.

    What `is_claimed` is sent by the caller itself.
    """
    message = message or uuid4()
    claimed: dict[str, Any] = {"status": AlertStatus.SENDING, "attempts": 1, "attempted_at": now} if is_claimed else {}
    AlertDelivery.objects.filter(created_at__lt=now - KEPT).exclude(status__in=UNFINISHED).delete()
    return AlertDelivery.objects.bulk_create(
        AlertDelivery(
            message=message,
            kind=kind,
            channel=channel,
            title=title,
            text=f"{text}\n\nReference: {message.hex[:8]}",
            troubles=sorted(troubles),
            created_at=now,
            due_at=now,
            **claimed,
        )
        for channel in channels
    )


def first_of_each_channel() -> list[AlertDelivery]:
    """Return the oldest unfinished message of each channel: the later ones wait for it."""
    first: dict[str, AlertDelivery] = {}
    rows = AlertDelivery.objects.filter(status__in=UNFINISHED).order_by("pk")
    for row in rows.only("channel", "status", "due_at", "attempted_at", "attempts", "kind", "troubles"):
        first.setdefault(row.channel, row)
    return list(first.values())


def is_due(row: AlertDelivery, now: datetime) -> bool:
    return row.status == AlertStatus.QUEUED and row.due_at <= now


def claim(channel: str, now: datetime) -> AlertDelivery | None:
    """Claim the next message of a channel; `None` where none is due, or another process sends one."""
    row = AlertDelivery.objects.filter(channel=channel, status__in=UNFINISHED).order_by("pk").first()
    if row is None or not is_due(row, now):
        return None
    claimed = {"status": AlertStatus.SENDING, "attempts": row.attempts + 1, "attempted_at": now}
    if not AlertDelivery.objects.filter(pk=row.pk, status=AlertStatus.QUEUED, attempts=row.attempts).update(**claimed):
        return None  # another process claimed it first
    row.refresh_from_db()
    return row


def record(row: AlertDelivery, reason: str, now: datetime) -> AlertDelivery:
    """Record the outcome of an attempt: sent, or with the `reason` why not, and when the next attempt is due."""
    mine = AlertDelivery.objects.filter(pk=row.pk, attempts=row.attempts)
    if not reason:
        mine.filter(status__in=[AlertStatus.SENDING, AlertStatus.UNSURE]).update(
            status=AlertStatus.SENT, sent_at=now, reason=""
        )
    else:
        is_last = row.kind == AlertKind.TEST or now - row.created_at >= GIVE_UP_AFTER
        mine.filter(status=AlertStatus.SENDING).update(
            status=AlertStatus.GIVEN_UP if is_last else AlertStatus.QUEUED,
            due_at=now + min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(row.attempts - 1, 10)),
            reason=reason[:100],
        )
    row.refresh_from_db()
    return row


def expire(rows: Iterable[AlertDelivery], now: datetime) -> None:
    """Give up messages whose process has ended while it sent them; let what they were about be told again."""
    for row in rows:
        if row.status != AlertStatus.SENDING or row.attempted_at is None or now - row.attempted_at < CLAIMED_FOR:
            continue
        with transaction.atomic():
            lost = AlertDelivery.objects.filter(pk=row.pk, status=AlertStatus.SENDING, attempts=row.attempts)
            if lost.update(status=AlertStatus.UNSURE, reason="the process ended while it was sending"):
                again = now - REMIND_EVERY + REMIND_UNSURE
                Trouble.objects.filter(key__in=row.troubles, told_at__gt=again).update(told_at=again)


def drop_channels(rows: Iterable[AlertDelivery], names: Collection[str]) -> None:
    """Give up the messages of channels that are not configured any more."""
    gone = {row.channel for row in rows} - set(names)
    if gone:
        AlertDelivery.objects.filter(channel__in=gone, status=AlertStatus.QUEUED).update(status=AlertStatus.OBSOLETE)


def drop_outlived(present: Collection[str]) -> None:
    """Drop queued messages about errors that are all gone: nobody has been told of them, nor needs to be."""
    queued = AlertDelivery.objects.filter(status=AlertStatus.QUEUED, kind__in=ABOUT_TROUBLE)
    outlived = [row.pk for row in queued.only("troubles") if not set(row.troubles) & set(present)]
    if outlived:
        AlertDelivery.objects.filter(pk__in=outlived, status=AlertStatus.QUEUED).update(status=AlertStatus.OBSOLETE)


def channels_told(troubles: Collection[Trouble]) -> dict[str, set[str]]:
    """Return the channels that have, or may get, a message about some errors, each with the keys of these errors."""
    keys = {trouble.key for trouble in troubles}
    since = min(trouble.since for trouble in troubles)
    rows = AlertDelivery.objects.filter(Q(created_at__gte=since), kind__in=ABOUT_TROUBLE, status__in=TOLD)
    told: dict[str, set[str]] = {}
    for row in rows.only("channel", "troubles"):
        if about := keys & set(row.troubles):
            told.setdefault(row.channel, set()).update(about)
    return told

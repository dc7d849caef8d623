"""Compare the errors of the health report with those that are known; write messages about what is new or gone.

State and messages are written in one transaction, which only one cluster gets to: it moves the time of the last
comparison. Errors that appear together make one message, and so do those that go together.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import Q, QuerySet

from maintenance.alert_models import AlertKind, Trouble
from maintenance.alerts import outbox, texts
from maintenance.conf import settings
from maintenance.core import channels
from maintenance.core.clock import database_now
from maintenance.core.states import Level
from maintenance.health.check_result import CheckResult
from maintenance.health.context import HealthContext
from maintenance.health.snapshot import page_report
from maintenance.models import HealthSnapshot

EVERY = timedelta(seconds=30)
TOGETHER = timedelta(seconds=20)
"""For how long an error that is told at once has to last: others that appear with it are then in the same message."""
GONE_AFTER = timedelta(minutes=1)
"""An error that returns within this time has not been gone."""
AT_ONCE = frozenset({"job-failed"})
"""Codes that need not last for `ALERT_AFTER`."""
NOT_EXAMINED = frozenset({"not-examined", "not-examined-lately"})
"""While the report has one of these codes, an error that it does not have may still be there."""


def keep() -> None:
    """Compare, where a channel is configured, unless a cluster has done so recently."""
    names = [channel.name for channel in channels.configured()]
    if not names:
        return
    now = database_now()
    if not _is_due(now).exists():
        return
    results = page_report(HealthContext()).results
    with transaction.atomic():
        # Nothing got updated: another cluster was first.
        if _is_due(now).update(compared_at=now):
            compare(results, names, now)


def _is_due(now: datetime) -> QuerySet[HealthSnapshot]:
    put_back = Q(compared_at__gt=now + EVERY)  # a clock was put back
    return HealthSnapshot.objects.filter(Q(compared_at=None) | Q(compared_at__lte=now - EVERY) | put_back)


def compare(results: Iterable[CheckResult], names: Sequence[str], now: datetime) -> None:
    """Compare the results of all health checks, in the caller's transaction; `names` are those of the channels."""
    errors = {result.key: result for result in results if result.level is Level.WRONG}
    troubles = _updated(errors, now)
    present = [trouble for trouble in troubles if trouble.gone_since is None]
    _tell_recovery([trouble for trouble in troubles if trouble.gone_since], present, names, now)
    told = [trouble for trouble in present if trouble.told_at]
    if new := _due([trouble for trouble in present if trouble.told_at is None], now):
        _tell(AlertKind.TROUBLE, new, told, names, now)
    elif any(now - trouble.told_at >= outbox.REMIND_EVERY for trouble in told if trouble.told_at):
        _tell(AlertKind.REMINDER, told, [], names, now)


def _updated(errors: dict[str, CheckResult], now: datetime) -> list[Trouble]:
    """Return the troubles, brought up to date with the errors of a report, the oldest first."""
    known = {trouble.key: trouble for trouble in Trouble.objects.all()}
    is_whole = NOT_EXAMINED.isdisjoint(result.code for result in errors.values())
    for key, result in errors.items():
        trouble = known.setdefault(key, Trouble(key=key, code=result.code, job=result.job, since=now))
        values = (result.sentence, result.remedy, None)
        if (trouble.sentence, trouble.remedy, trouble.gone_since) != values or trouble.pk is None:
            trouble.sentence, trouble.remedy, trouble.gone_since = values
            trouble.save()
    for key in known.keys() - errors.keys() if is_whole else ():
        if known[key].gone_since is None:
            known[key].gone_since = now
            known[key].save(update_fields=["gone_since"])
    return sorted(known.values(), key=lambda trouble: trouble.pk)


def _due(untold: Sequence[Trouble], now: datetime) -> list[Trouble]:
    """Return the errors to tell, if one has lasted long enough: with it, those that appeared soon after it."""
    after = timedelta(seconds=settings.ALERT_AFTER)
    at_once = min(TOGETHER, after)
    is_due = any(now - trouble.since >= (at_once if trouble.code in AT_ONCE else after) for trouble in untold)
    together = [trouble for trouble in untold if trouble.code in AT_ONCE or now - trouble.since >= after / 2]
    return together if is_due else []


def _tell(
    kind: AlertKind, troubles: Sequence[Trouble], known: Sequence[Trouble], names: Sequence[str], now: datetime
) -> None:
    keys = [trouble.key for trouble in troubles]
    text = texts.of_trouble(troubles, known)
    outbox.put(kind, texts.title_of(kind, troubles), text, names, now, troubles=keys)
    Trouble.objects.filter(key__in=keys).update(told_at=now)


def _tell_recovery(gone: Sequence[Trouble], present: Sequence[Trouble], names: Collection[str], now: datetime) -> None:
    """Forget the errors that are gone, and tell it on each channel that was told of them."""
    ages = [now - trouble.gone_since for trouble in gone if trouble.gone_since]
    if not ages or max(ages) < GONE_AFTER:
        return
    over = [trouble for trouble in gone if trouble.gone_since and now - trouble.gone_since >= GONE_AFTER / 2]
    Trouble.objects.filter(key__in=[trouble.key for trouble in over]).delete()
    outbox.drop_outlived(Trouble.objects.values_list("key", flat=True))
    told = [trouble for trouble in over if trouble.told_at]
    if not told:
        return
    message, remaining = uuid4(), [trouble for trouble in present if trouble.told_at]
    for channel, keys in outbox.channels_told(told).items():
        resolved = [trouble for trouble in told if trouble.key in keys]
        title = texts.title_of(AlertKind.RECOVERY, resolved, len(remaining))
        text = texts.of_recovery(resolved, remaining)
        if channel in names:
            outbox.put(AlertKind.RECOVERY, title, text, [channel], now, troubles=keys, message=message)

"""The health report of a page: the results of `manage.py doctor`, without its slow checks at every view.

A page runs the fast checks itself. A cluster runs the slow ones (`probes.SLOW`) and stores their results. Without
recent results, the page says that they are missing.
"""

import socket
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from maintenance.core.clock import database_now
from maintenance.core.database import commit_asynchronously
from maintenance.core.states import Level
from maintenance.core.time_text import relative
from maintenance.health import doctor, probes
from maintenance.health.check_result import CheckResult, HealthReport
from maintenance.health.context import HealthContext
from maintenance.health.remedies import RESTART, START
from maintenance.models import HealthSnapshot, JobRun

EVERY = timedelta(seconds=30)
SOON = timedelta(seconds=5)
LONGEST_RUN = timedelta(days=1)
"""A run that has just ended was requested within this time."""
STALE_AFTER = timedelta(minutes=2)
"""Older results are not shown."""


@dataclass(frozen=True)
class PageReport(HealthReport):
    """The report of a page. `slow_checked_at` is the time of the stored results; `None` where there are none."""

    slow_checked_at: datetime | None = None


def keep() -> None:
    """Run the slow checks and store their results, unless a cluster has done so recently."""
    now = database_now()
    if _is_fresh(HealthSnapshot.objects.first(), now):
        return
    results = [asdict(result) for result in doctor.run_probes(probes.SLOW, HealthContext())]
    values = {"checked_at": now, "host": socket.gethostname(), "results": results}
    with transaction.atomic():
        commit_asynchronously()
        HealthSnapshot.objects.update_or_create(pk=1, defaults=values)


def _is_fresh(stored: HealthSnapshot | None, now: datetime) -> bool:
    """Whether results are newer than `EVERY`, or than `SOON` where a run has ended since, which may change them."""
    if stored is None or not timedelta(0) <= now - stored.checked_at < EVERY:
        return False
    ended = JobRun.objects.filter(queued_at__gt=now - LONGEST_RUN, finished_at__gt=stored.checked_at)
    return now - stored.checked_at < SOON or not ended.exists()


def page_report(context: HealthContext) -> PageReport:
    """Return the results of the fast checks now, and the stored results of the slow ones."""
    stored = HealthSnapshot.objects.first()
    fast = doctor.run_probes([name for name in probes.ALL if name not in probes.SLOW], context, with_limit=False)
    results = [*fast, *_results_of(stored, context)]
    return PageReport(results, context.now, 0.0, stored.checked_at if stored else None)


def _results_of(stored: HealthSnapshot | None, context: HealthContext) -> Iterator[CheckResult]:
    if stored is not None and context.now - stored.checked_at <= STALE_AFTER:
        yield from (CheckResult(**values | {"level": Level(values["level"])}) for values in stored.results)
        return
    sentence = _("Settings and retention have not been checked yet.")
    if stored is not None:
        sentence = _("Settings and retention were last checked %(age)s.")
        sentence %= {"age": relative(stored.checked_at, context.now)}
    remedy = RESTART if context.queue.clusters else START
    yield CheckResult.error("not-examined-lately", sentence, remedy)

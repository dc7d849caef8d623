"""What a page says of the department: the doctor's own verdicts, without what takes the doctor long at every view.

A page takes every look that is cheap itself. The others (`looks.SELDOM`) are the cluster's work, which writes down what
it found. Where nobody has done that for long, a page does not know how it is, and says that.
"""

import socket
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from maintenance.core.clock import database_now
from maintenance.core.states import Level
from maintenance.health import doctor, probes
from maintenance.health.check_result import Report, Verdict, wrong
from maintenance.health.context import Facts
from maintenance.models import Examination, JobRun
from maintenance.reporting import status

EVERY = timedelta(seconds=30)
SOON = timedelta(seconds=5)
LONGEST_RUN = timedelta(days=1)
"""A run that ended just now was asked for no longer ago."""
STALE_AFTER = timedelta(minutes=2)
"""What was found longer ago is not believed any more."""


@dataclass(frozen=True)
class Look(Report):
    """A report for a page; `seldom_at` is when the cluster found what the page did not look at itself."""

    seldom_at: datetime | None = None


def keep() -> None:
    """Look at what takes long, unless a cluster has lately, and write down what was found."""
    now = database_now()
    if _is_fresh(Examination.objects.first(), now):
        return
    verdicts = [asdict(verdict) for verdict in doctor.look_at(probes.SELDOM, Facts())]
    found = {"examined_at": now, "host": socket.gethostname(), "verdicts": verdicts}
    Examination.objects.update_or_create(pk=1, defaults=found)


def _is_fresh(kept: Examination | None, now: datetime) -> bool:
    """Whether nobody has to look again: for `EVERY`, and for `SOON` where a run has ended, which may mend something."""
    if kept is None or not timedelta(0) <= now - kept.examined_at < EVERY:
        return False
    ended = JobRun.objects.filter(queued_at__gt=now - LONGEST_RUN, finished_at__gt=kept.examined_at)
    return now - kept.examined_at < SOON or not ended.exists()


def look(facts: Facts) -> Look:
    """Return how it is: what was written down, and what a look at `facts` says now."""
    kept = Examination.objects.first()
    live = doctor.look_at([name for name in probes.ALL if name not in probes.SELDOM], facts, with_limit=False)
    return Look([*live, *_of(kept, facts)], facts.now, 0.0, kept.examined_at if kept else None)


def _of(kept: Examination | None, facts: Facts) -> Iterator[Verdict]:
    if kept is not None and facts.now - kept.examined_at <= STALE_AFTER:
        yield from (Verdict(**verdict | {"level": Level(verdict["level"])}) for verdict in kept.verdicts)
        return
    sentence = _("Nobody has examined the settings, and whether data is kept too long.")
    if kept is not None:
        sentence = _("The settings, and whether data is kept too long, were last examined %(age)s.")
        sentence %= {"age": status.age_in_words(kept.examined_at, facts.now)}
    yield wrong("not-examined-lately", sentence, probes.RESTART if facts.queue.clusters else probes.START)

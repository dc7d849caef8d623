"""Which pauses are active: those without an end, and those whose end the database's clock has not reached."""

from datetime import datetime

from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from maintenance.core.time_text import minute
from maintenance.models import Pause

ALL_JOBS = ""
"""`Pause.job` of a pause of all jobs."""


def active() -> QuerySet[Pause]:
    """Return the active pauses."""
    return Pause.objects.filter(Q(until=None) | Q(until__gt=Now()))


def is_active(pause: Pause, now: datetime) -> bool:
    """Return whether a pause is active at `now`, which is a time of the database."""
    return pause.until is None or pause.until > now


def of_job(name: str | OuterRef) -> QuerySet[Pause]:
    """Return the active pauses of one job: its own, and that of all jobs."""
    return active().filter(Q(job=ALL_JOBS) | Q(job=name))


def sentence(pause: Pause) -> str:
    """Return what is paused, since when and until when; never the reason, which people write."""
    values = {"job": pause.job, "since": minute(pause.paused_at), "until": pause.until and minute(pause.until)}
    if pause.job == ALL_JOBS:
        told = _("All jobs are paused since %(since)s until %(until)s.") if pause.until else ""
        return (told or _("All jobs are paused since %(since)s.")) % values
    told = _("%(job)s is paused since %(since)s until %(until)s.") if pause.until else ""
    return (told or _("%(job)s is paused since %(since)s.")) % values

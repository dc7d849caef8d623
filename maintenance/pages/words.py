"""States, times and figures in words."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from maintenance.models import JobRun

Status = JobRun.Status
Words = str | Promise


@dataclass(frozen=True)
class State:
    """A state as people read it. `tone` is how it should feel: good, warn, bad or quiet; `icon` is its shape."""

    word: Words
    tone: str
    icon: str


CROSS = "M4 4l8 8m0-8l-8 8"
STATES: dict[str, State] = {
    Status.QUEUED: State(gettext_lazy("waiting"), "quiet", "M3 8h.1M8 8h.1M13 8h.1"),
    Status.RUNNING: State(gettext_lazy("running"), "busy", "M5 3l8 5-8 5z"),
    Status.SUCCEEDED: State(gettext_lazy("succeeded"), "good", "M3 8.5l3.5 3.5L13 4.5"),
    Status.PARTIAL: State(gettext_lazy("partly failed"), "warn", "M8 2v12M8 2a6 6 0 0 1 0 12M8 2a6 6 0 0 0 0 12"),
    Status.FAILED: State(gettext_lazy("failed"), "bad", CROSS),
    Status.CANCELLED: State(gettext_lazy("cancelled"), "quiet", "M8 2a6 6 0 1 0 .1 0zM4 12l8-8"),
    Status.INTERRUPTED: State(gettext_lazy("interrupted"), "warn", "M5 3v10M11 3v10"),
    Status.CRASHED: State(gettext_lazy("crashed"), "bad", "M8 2l6.5 12h-13zM8 6.5v3.5M8 12h.1"),
    Status.SKIPPED: State(gettext_lazy("skipped"), "quiet", "M3 4l4 4-4 4M9 4l4 4-4 4"),
    Status.MISSED: State(gettext_lazy("missed"), "warn", "M8 2a6 6 0 1 0 .1 0z"),
}
TRIGGERS: dict[str, Words] = {
    JobRun.Trigger.SCHEDULE: gettext_lazy("schedule"),
    JobRun.Trigger.ADMIN: gettext_lazy("admin"),
    JobRun.Trigger.COMMAND: gettext_lazy("command line"),
    JobRun.Trigger.RECOVERY: gettext_lazy("recovery of a lost run"),
}


def minute(moment: datetime) -> str:
    """Return a time to the minute, in UTC."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def duration(length: timedelta | None) -> str:
    """Say how long something took: `0.3 s`, `3 min 4 s`, `2 h 5 min`; a dash where that is not known."""
    if length is None:
        return "–"
    seconds = max(0.0, length.total_seconds())
    if seconds < 10:  # noqa: PLR2004 - below that, tenths say something
        return _("%(seconds).1f s") % {"seconds": seconds}
    minutes, whole = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    if minutes:
        return _("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": whole}
    return _("%(seconds)d s") % {"seconds": whole}


def relative(moment: datetime, now: datetime) -> str:
    """Say how far `moment` is from `now`: `in 3 hours`, `2 days ago`."""
    words = distance(abs(moment - now))
    return (_("in %(distance)s") if moment > now else _("%(distance)s ago")) % {"distance": words}


def distance(length: timedelta) -> str:
    """Say about how long something is, in its largest unit."""
    days, hours, minutes = length.days, length // timedelta(hours=1), length // timedelta(minutes=1)
    if days:
        return ngettext("%d day", "%d days", days) % days
    if hours:
        return ngettext("%d hour", "%d hours", hours) % hours
    if minutes:
        return ngettext("%d minute", "%d minutes", minutes) % minutes
    return ngettext("%d second", "%d seconds", length.seconds) % length.seconds


def when(run: JobRun) -> datetime:
    """Return the moment under which a run is listed: its start, or when it was asked for."""
    return run.started_at or run.queued_at

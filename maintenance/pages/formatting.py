"""Times and figures in words."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _, ngettext

from maintenance.models import JobRun


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

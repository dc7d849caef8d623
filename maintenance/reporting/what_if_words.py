"""What a changed age limit would mean for a job, in sentences: the command and the page say the same."""

from datetime import timedelta

from django.utils.translation import gettext as _

from maintenance.conf import settings
from maintenance.core.time_text import duration
from maintenance.engine.volume_guard import SHARE
from maintenance.reporting.rates import Range
from maintenance.reporting.what_if import JobOutlook, Outlook


def sentences_of(job: JobOutlook) -> list[str]:
    """Return the sentences about a job: what is due, the volume guard, the duration of a run, the last runs."""
    if job.present is None or job.assumed is None:
        return [_("Count unavailable: it took too long.")]
    values = {"present": f"{job.present.due:,}", "assumed": f"{job.assumed.due:,}"}
    due = _("Due now: %(present)s with the present values, %(assumed)s with the assumed ones.") % values
    return [due, guard_of(job, job.assumed), duration_of(job, job.assumed), past_of(job)]


def guard_of(job: JobOutlook, outlook: Outlook) -> str:
    """Say whether the volume guard would stop a run, and from which number on it does."""
    words = {"most": f"{job.guard or 0:,}", "command": job.confirming, "share": SHARE}
    if not outlook.is_stopped and job.guard is None:
        return _("The volume guard would not stop a run.")
    if not outlook.is_stopped:
        return _("The volume guard would not stop a run: it stops one with more than %(most)s due.") % words
    if job.guard is None or outlook.due <= job.guard:
        return _("The volume guard would stop a run, because more than one in %(share)s of all files are due.") % words
    return _("The volume guard would stop a run, because more than %(most)s are due (%(command)s confirms).") % words


def duration_of(job: JobOutlook, outlook: Outlook) -> str:
    """Say how long a run would take."""
    if not outlook.due:
        return _("A run would have nothing to do.")
    if outlook.duration is None:
        return _("The duration of a run is unknown: too few runs have processed items.")
    sentence = _("A run would take %(time)s by the rates of past runs.") % {"time": range_in_words(outlook.duration)}
    if not job.is_over_budget:
        return sentence
    budget = duration(timedelta(seconds=settings.MAINTENANCE_TIME_BUDGET))
    return sentence + " " + _("It ends after %(budget)s; the next runs process the rest.") % {"budget": budget}


def range_in_words(length: Range) -> str:
    """Return a shortest and a longest time; one time where they read the same."""
    shortest, longest = map(duration, length)
    if shortest == longest:
        return shortest
    return _("%(shortest)s to %(longest)s") % {"shortest": shortest, "longest": longest}


def past_of(job: JobOutlook) -> str:
    """Say what the last runs had to do, and did."""
    if not job.runs:
        return _("No run has counted what was due.")
    due = [run.due for run in job.runs]
    words = {
        "runs": len(due),
        "least": f"{min(due):,}",
        "most": f"{max(due):,}",
        "done": f"{sum(run.done for run in job.runs):,}",
    }
    if len(due) == 1:
        return _("The last run: %(most)s due, %(done)s done.") % words
    return _("The last %(runs)s runs: %(least)s to %(most)s due, %(done)s done together.") % words

"""Whether the department is well: one sentence, and what to do about each thing that is not.

The doctor examines everything, with some seventy queries. Here are those of its looks that a page can afford at every
view, with its own limits and remedies; `verdict` is the one place to change when it can be asked instead.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.translation import gettext as _, ngettext

from maintenance.lease import lease_time
from maintenance.looks import ECHO_WITHIN, FAILED, ON_ITS_WAY, REAP, RESTART, RUN_WITHIN, SCHEDULE_WITHIN, START
from maintenance.models import Canary, ClusterSign, JobRun, Pause
from maintenance.pages.words import STATES, minute, relative
from maintenance.queue_state import SEEN_WITHIN
from maintenance.status import JobStatistics, JobStatus

Status, Trigger = JobRun.Status, JobRun.Trigger


@dataclass(frozen=True)
class Trouble:
    """One thing that is not well: which job it is about, if one, what it is, and what to do."""

    job: str
    what: str
    remedy: str = ""


@dataclass(frozen=True)
class Verdict:
    """`tone` is good, warn or bad."""

    tone: str
    sentence: str
    troubles: list[Trouble] = field(default_factory=list)


def verdict(statistics: JobStatistics, pause: Pause | None, unfinished: Sequence[JobRun], now: datetime) -> Verdict:
    """Return what an operator has to know first."""
    of_queue = list(_queue_troubles(unfinished, now))
    of_jobs = [*_job_troubles(statistics.jobs, now), *_run_troubles(unfinished, now)]
    troubles = of_queue + of_jobs
    if pause:
        since = _("Everything is paused since %(moment)s: nothing runs until somebody resumes it.")
        return Verdict("warn", since % {"moment": minute(pause.paused_at)}, troubles)
    if not troubles:
        return Verdict("good", _well(statistics))
    sentences = []
    if of_queue:
        sentences.append(_("The queue does not work."))
    if of_jobs:
        number = len({trouble.job for trouble in of_jobs})
        words = ngettext(
            "%(number)d of %(total)d jobs needs attention.", "%(number)d of %(total)d jobs need attention.", number
        )
        sentences.append(words % {"number": number, "total": statistics.total_jobs})
    return Verdict("bad", " ".join(sentences), troubles)


def _well(statistics: JobStatistics) -> str:
    total, disabled = statistics.total_jobs, statistics.total_jobs - statistics.enabled_jobs
    words = ngettext("The only job is well.", "All %(total)d jobs are well.", total) % {"total": total}
    if disabled:
        words += " " + ngettext("%d is disabled.", "%d are disabled.", disabled) % disabled
    return words


def _queue_troubles(unfinished: Sequence[JobRun], now: datetime) -> Iterator[Trouble]:
    """Tell that no cluster is up, or that its canary does not come back although a worker is free."""
    signs = ClusterSign.objects.filter(seen_at__gt=now - SEEN_WITHIN)
    workers = sum(signs.values_list("workers", flat=True))
    canary = Canary.objects.first() or Canary()
    if not workers:
        yield Trouble("", _("No cluster is up, so no job runs at its time, and no request is taken."), START)
        return
    is_back = canary.echoed_at and now - canary.echoed_at <= ECHO_WITHIN
    is_first = canary.number - canary.echo == 1 and canary.sent_at and now - canary.sent_at <= ON_ITS_WAY
    at_work = sum(_holds_a_worker(run, now) for run in unfinished)
    if not (is_back or is_first or at_work >= workers):
        yield Trouble("", _("The queue is stuck: its canary does not come back although a worker is free."), RESTART)


def _holds_a_worker(run: JobRun, now: datetime) -> bool:
    return run.trigger != Trigger.COMMAND and run.heartbeat_at is not None and not is_silent(run, now)


def is_silent(run: JobRun, now: datetime) -> bool:
    """Whether an unfinished run has given no sign of life for longer than its lease."""
    return run.heartbeat_at is not None and now - run.heartbeat_at > lease_time()


def _job_troubles(jobs: Sequence[JobStatus], now: datetime) -> Iterator[Trouble]:
    for job in jobs:
        if job.problem:
            yield Trouble(job.name, job.problem)
        elif job.next_run and now - job.next_run > SCHEDULE_WITHIN:
            late = _("It should have begun %(when)s.") % {"when": relative(job.next_run, now)}
            yield Trouble(job.name, late, START)
        if job.last_result and job.last_result.status in FAILED:
            state = STATES[job.last_result.status].word
            what = _("Its last run %(state)s: %(message)s") % {"state": state, "message": job.last_result.message}
            yield Trouble(job.name, what, _("Its page says more; mend that, and run it again."))


def _run_troubles(unfinished: Sequence[JobRun], now: datetime) -> Iterator[Trouble]:
    for run in unfinished:
        if is_silent(run, now):
            what = _("Run %(id)d has given no sign of life for longer than its lease.") % {"id": run.pk}
            yield Trouble(run.job, what, REAP)
        elif run.task_id and run.heartbeat_at is None and _waits(run, now) > RUN_WITHIN:
            what = _("Run %(id)d has waited for a worker since %(moment)s.")
            yield Trouble(run.job, what % {"id": run.pk, "moment": minute(run.queued_at)}, RESTART)


def _waits(run: JobRun, now: datetime) -> timedelta:
    return now - run.queued_at if run.status == Status.QUEUED else timedelta(0)

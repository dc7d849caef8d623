"""The volume guard: a job that cannot be undone does not start on far more units than usual without confirmation."""

from collections.abc import Collection

from maintenance.core.counting import counted
from maintenance.core.errors import MaintenanceError
from maintenance.core.job import Job
from maintenance.models import JobRun

FLOOR = 1_000
FACTOR = 10
RUNS = 10
SHARE = 10
"""A file stage is stopped when more than one in `SHARE` of all files are due, however few they are."""
DUE = ("is due", "are due")


class VolumeGuardStopped(MaintenanceError):
    """Far more units are due than usual."""

    def __init__(self, job: Job, due: int, reason: str, options: Collection[str] = ()) -> None:
        self.due = due
        command = confirming(job, due, options)
        super().__init__(f"{counted(due, DUE)}, {reason}: nothing was done. If this number is correct, run {command}.")


def confirming(job: Job, due: int, options: Collection[str] = ()) -> str:
    """Return the command that runs a job up to a number of units."""
    return f"`manage.py {' '.join([job.command, *(f'--{name}' for name in options), f'--confirm-count {due}'])}`"


def usual_due(job: Job) -> int | None:
    """Return the largest number due in the job's last runs, `None` before the first; a stopped run has no number.

    Runs with options of their own are left out. An index has the runs that counted, so a long history of others costs
    nothing.
    """
    counted = JobRun.objects.filter(job=job.name, dry_run=False, items_due__isnull=False)
    counted = counted.exclude(details__has_key="options")
    last = counted.order_by("-pk").values_list("items_due", flat=True)[:RUNS]
    return max((due for due in last if due is not None), default=None)


def exceeded(job: Job, due: int) -> int | None:
    """Return the usual number where `due` exceeds it so far that the guard would stop a run; otherwise `None`."""
    if not job.irreversible or due <= FLOOR:
        return None
    usual = usual_due(job)
    return usual if usual is not None and due > _most_for(usual) else None


def most_allowed(job: Job) -> int | None:
    """Return the largest number due with which the guard lets a run start; `None` where it lets every one."""
    usual = usual_due(job) if job.irreversible else None
    return None if usual is None else _most_for(usual)


def _most_for(usual: int) -> int:
    return max(FLOOR, FACTOR * usual)


def check(job: Job, due: int, confirmed: int | None, options: Collection[str] = ()) -> None:
    """Raise `VolumeGuardStopped` unless `due` is usual for the job or at most the number that was confirmed."""
    if confirmed is not None and due <= confirmed:
        return
    usual = exceeded(job, due)
    if usual is not None:
        raise VolumeGuardStopped(job, due, f"and none of the last {RUNS} runs had more than {usual:,}", options)


def is_large_share(due: int, total: int) -> bool:
    """Return whether so large a share of all files is due that the guard would stop a run."""
    return due * SHARE > total


def check_share(job: Job, due: int, total: int, confirmed: int | None, options: Collection[str]) -> None:
    """Raise `VolumeGuardStopped` where too large a share of `total` is due and no operator confirmed the number."""
    if is_large_share(due, total) and (confirmed is None or due > confirmed):
        raise VolumeGuardStopped(job, due, f"more than one in {SHARE} of all {total:,}", options)

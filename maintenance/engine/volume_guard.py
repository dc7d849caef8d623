"""The volume guard: an irreversible job does not start on far more than usual until an operator confirms the number."""

from collections.abc import Collection

from maintenance.core.errors import MaintenanceError
from maintenance.core.job import Job
from maintenance.models import JobRun

FLOOR = 1_000
FACTOR = 10
RUNS = 10
SHARE = 10
"""A file stage in which more than one in so many of all files is due is stopped, however few these are."""


class VolumeGuardStopped(MaintenanceError):
    """Far more is due than is usual, or than can be right."""

    def __init__(self, job: Job, due: int, reason: str, options: Collection[str] = ()) -> None:
        self.due = due
        command = " ".join([job.command, *(f"--{name}" for name in options), f"--confirm-count {due}"])
        super().__init__(
            f"{due:,} are due, {reason}: nothing was done. If the number is right, run `manage.py {command}`."
        )


def usual_due(job: Job) -> int | None:
    """Return the largest number due of the job's last runs, `None` before the first; a stopped one has none.

    A run with options of its own is no measure of what is usual.
    """
    counted = JobRun.objects.filter(job=job.name, dry_run=False, items_due__isnull=False)
    counted = counted.exclude(details__has_key="options")
    last = counted.order_by("-pk").values_list("items_due", flat=True)[:RUNS]
    return max((due for due in last if due is not None), default=None)


def exceeded(job: Job, due: int) -> int | None:
    """Return the usual number where `due` is far above it, and the guard would stop a run; otherwise `None`."""
    if not job.irreversible or due <= FLOOR:
        return None
    usual = usual_due(job)
    return usual if usual is not None and due > FACTOR * usual else None


def check(job: Job, due: int, confirmed: int | None, options: Collection[str] = ()) -> None:
    """Raise `VolumeGuardStopped` unless `due` is usual for the job or at most the number that was confirmed."""
    if confirmed is not None and due <= confirmed:
        return
    usual = exceeded(job, due)
    if usual is not None:
        raise VolumeGuardStopped(job, due, f"and none of the last {RUNS} runs had more than {usual:,}", options)


def check_share(job: Job, due: int, total: int, confirmed: int | None, options: Collection[str]) -> None:
    """Raise `VolumeGuardStopped` where too many of a `total` are due and no operator confirmed the number."""
    if due * SHARE > total and (confirmed is None or due > confirmed):
        raise VolumeGuardStopped(job, due, f"which is more than one in {SHARE} of all {total:,} there are", options)

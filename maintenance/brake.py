"""The brake: an irreversible job does not start on far more than usual without somebody's word for the number."""

from maintenance.errors import MaintenanceError
from maintenance.job import Job
from maintenance.models import JobRun

FLOOR = 1_000
FACTOR = 10
RUNS = 10


class BrakeApplied(MaintenanceError):
    """Far more is due than in any of the last runs."""

    def __init__(self, job: Job, due: int, usual: int) -> None:
        self.due = due
        super().__init__(
            f"{due:,} are due, and none of the last {RUNS} runs had more than {usual:,}: nothing was done. "
            f"If the number is right, run `manage.py {job.command} --confirm-count {due}`."
        )


def usual_due(job: Job) -> int | None:
    """Return the largest number due of the job's last runs, `None` before the first; a braked one has none."""
    counted = JobRun.objects.filter(job=job.name, dry_run=False, items_due__isnull=False)
    last = counted.order_by("-pk").values_list("items_due", flat=True)[:RUNS]
    return max((due for due in last if due is not None), default=None)


def apply(job: Job, due: int, confirmed: int | None) -> None:
    """Raise `BrakeApplied` unless `due` is usual for the job, or at most the number that somebody confirmed."""
    if not job.irreversible or due <= FLOOR or (confirmed is not None and due <= confirmed):
        return
    usual = usual_due(job)
    if usual is not None and due > FACTOR * usual:
        raise BrakeApplied(job, due, usual)

"""What people ask of runs: to begin, and to stop. Nothing here runs a job; the queue does, or the run itself stops."""

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django_q.tasks import async_task

from maintenance import registry
from maintenance.models import JobRun

RUN_QUEUED = "maintenance.tasks.run_queued"
Status = JobRun.Status


def request_run(
    name: str, *, by: AbstractBaseUser, dry_run: bool = False, confirm_count: int | None = None
) -> tuple[JobRun, bool]:
    """Let the queue run a job, and return the run that waits; whether it is a new one comes with it.

    Where a run of the same kind waits already, that one is returned: a double click starts one run. `confirm_count`
    releases the brake up to that number. Raises `UnknownJob` and `BrokenJob`.
    """
    job = registry.get(name)
    try:
        with transaction.atomic():
            run = JobRun.objects.create(
                job=job.name,
                trigger=JobRun.Trigger.ADMIN,
                requested_by_id=by.pk,
                dry_run=dry_run,
                message="It waits for a worker.",
                details={"confirm_count": confirm_count} if confirm_count else {},
            )
            hand_over(run)
    except IntegrityError:
        return JobRun.objects.get(job=job.name, dry_run=dry_run, status=Status.QUEUED), False
    return run, True


def hand_over(run: JobRun) -> None:
    """Give a waiting run to the queue, in the caller's transaction."""
    task_id = async_task(RUN_QUEUED, run.pk)
    JobRun.objects.filter(pk=run.pk).update(task_id=task_id, queued_at=Now())
    run.refresh_from_db()


def request_cancel(run: JobRun, *, by: AbstractBaseUser) -> bool:
    """Ask a run to stop: one that waits is over at once, one that runs stops at its next batch.

    `False` where there is nothing to stop any more.
    """
    asked = {"cancel_requested_at": Now(), "cancel_requested_by_id": by.pk}
    waiting = JobRun.objects.filter(pk=run.pk, status=Status.QUEUED)
    is_cancelled = waiting.update(
        status=Status.CANCELLED, finished_at=Now(), message="Cancelled before it began.", **asked
    )
    running = JobRun.objects.filter(pk=run.pk, status=Status.RUNNING, cancel_requested_at=None)
    return bool(is_cancelled or running.update(**asked))

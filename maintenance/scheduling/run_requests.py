"""What people ask of runs: to begin, and to stop. Nothing here runs a job; the queue does, or the run itself stops."""

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django_q.tasks import async_task

from maintenance.core import registry
from maintenance.models import JobRun

RUN_QUEUED = "maintenance.tasks.run_queued"
TRIES = 3
Status = JobRun.Status


def request_run(
    name: str,
    *,
    by: AbstractBaseUser,
    dry_run: bool = False,
    confirm_count: int | None = None,
    plan: JobRun | None = None,
) -> tuple[JobRun, bool]:
    """Let the queue run a job, and return the run that waits; whether it is a new one comes with it.

    Where a run of the same kind waits already, that one is returned: a double click starts one run. `confirm_count`
    releases the brake up to that number; `plan` is the dry run that it is asked for after. Raises `UnknownJob` and
    `BrokenJob`.
    """
    job = registry.get(name)
    wishes = {"confirm_count": confirm_count, "plan": plan.pk if plan else None}
    wish = JobRun(
        job=job.name,
        trigger=JobRun.Trigger.ADMIN,
        requested_by_id=by.pk,
        dry_run=dry_run,
        message="It waits for a worker.",
        details={name: value for name, value in wishes.items() if value},
    )
    return _let_wait(wish, TRIES)


def _let_wait(wish: JobRun, tries: int) -> tuple[JobRun, bool]:
    try:
        with transaction.atomic():
            wish.save(force_insert=True)
            hand_over(wish)
    except IntegrityError:
        waiting = JobRun.objects.filter(job=wish.job, dry_run=wish.dry_run, status=Status.QUEUED).first()
        if waiting:
            return waiting, False
        if tries == 1:
            raise
        return _let_wait(wish, tries - 1)  # the one that waited has just begun, so there is room for another
    return wish, True


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

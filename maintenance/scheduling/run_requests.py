"""Requests of an operator to start and to cancel a run. The queue starts it; a running one stops itself."""

from functools import partial

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django_q.tasks import async_task

from maintenance.core import checkins, registry
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
    """Queue a run of a job; return the queued run, and whether it is new.

    Where a run of the same kind is queued already, that one is returned: a double click starts one run. `confirm_count`
    releases the volume guard up to that number; `plan` is the dry run whose result the operator has seen. Raises
    `UnknownJob` and `BrokenJob`.
    """
    job = registry.get(name)
    wanted = {"confirm_count": confirm_count, "plan": plan.pk if plan else None}
    run = JobRun(
        job=job.name,
        trigger=JobRun.Trigger.ADMIN,
        requested_by_id=by.pk,
        dry_run=dry_run,
        message="Waiting for a worker.",
        details={name: value for name, value in wanted.items() if value},
    )
    return _save_or_find(run, TRIES)


def _save_or_find(run: JobRun, tries: int) -> tuple[JobRun, bool]:
    try:
        with transaction.atomic():
            run.save(force_insert=True)
            enqueue(run)
    except IntegrityError:
        queued = JobRun.objects.filter(job=run.job, dry_run=run.dry_run, status=Status.QUEUED).first()
        if queued:
            return queued, False
        if tries == 1:
            raise
        return _save_or_find(run, tries - 1)  # the queued one has just started, so another one fits
    return run, True


def enqueue(run: JobRun) -> None:
    """Give a queued run to the queue, in the caller's transaction."""
    task_id = async_task(RUN_QUEUED, run.pk)
    JobRun.objects.filter(pk=run.pk).update(task_id=task_id, queued_at=Now())
    run.refresh_from_db()


def request_cancel(run: JobRun, *, by: AbstractBaseUser) -> bool:
    """Cancel a queued run at once; let a running one stop at its next batch. Return `False` for a finished run."""
    requested = {"cancel_requested_at": Now(), "cancel_requested_by_id": by.pk}
    queued = JobRun.objects.filter(pk=run.pk, status=Status.QUEUED)
    is_cancelled = queued.update(
        status=Status.CANCELLED, finished_at=Now(), message="Cancelled before its start.", **requested
    )
    if is_cancelled and not run.dry_run:
        transaction.on_commit(partial(checkins.ended, run.job, Status.CANCELLED))
    running = JobRun.objects.filter(pk=run.pk, status=Status.RUNNING, cancel_requested_at=None)
    return bool(is_cancelled or running.update(**requested))

"""The decisions of an operator: enable, disable and reschedule a job; pause and resume all jobs."""

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from maintenance.core import cron, registry
from maintenance.models import JobSetting, Pause
from maintenance.scheduling import schedules


def enable(name: str, *, by: AbstractBaseUser | None = None) -> JobSetting:
    """Enable the schedule of a job. Raises `UnknownJob`."""
    return _decide(name, by, enabled=True)


def disable(name: str, *, by: AbstractBaseUser | None = None) -> JobSetting:
    """Disable the schedule of a job; it can still be run from the admin or the command line. Raises `UnknownJob`."""
    return _decide(name, by, enabled=False)


def set_cron(name: str, expression: str, *, by: AbstractBaseUser | None = None) -> JobSetting:
    """Replace the schedule of a job. Raises `UnknownJob` and `InvalidCron`."""
    return _decide(name, by, cron=cron.normalise(expression))


def _decide(name: str, by: AbstractBaseUser | None, **values: object) -> JobSetting:
    job = registry.get(name)
    with transaction.atomic():
        setting, _ = JobSetting.objects.update_or_create(
            job=job.name, defaults={**values, "changed_by_id": by.pk if by else None}
        )
        schedules.synchronise()
    return setting


def pause(*, reason: str = "", by: AbstractBaseUser | None = None) -> Pause:
    """Stop active runs at their next batch and let no run start. An existing pause stays as it is."""
    with transaction.atomic():
        pause, _ = Pause.objects.get_or_create(id=1, defaults={"reason": reason, "paused_by_id": by.pk if by else None})
    return pause


def resume() -> bool:
    """End the pause; return `False` where there was none."""
    deleted, _ = Pause.objects.all().delete()
    return bool(deleted)

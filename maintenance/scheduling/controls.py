"""The decisions of an operator: enable, disable and reschedule a job; pause and resume all jobs."""

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from maintenance.core import cron, registry
from maintenance.models import JobSetting
from maintenance.scheduling import schedules
from maintenance.scheduling.pauses import pause, resume

__all__ = ["disable", "enable", "pause", "resume", "set_cron"]


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

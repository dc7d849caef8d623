"""What an operator decides: which jobs are enabled, when they run, and whether anything runs at all."""

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from maintenance.core import cron, registry
from maintenance.models import JobSetting, Pause
from maintenance.scheduling import schedules


def enable(name: str, *, by: AbstractBaseUser | None = None) -> JobSetting:
    """Let the schedule of a job run it. Raises `UnknownJob`."""
    return _decide(name, by, enabled=True)


def disable(name: str, *, by: AbstractBaseUser | None = None) -> JobSetting:
    """Keep the schedule of a job from running it; by hand it can still be run. Raises `UnknownJob`."""
    return _decide(name, by, enabled=False)


def set_cron(name: str, expression: str, *, by: AbstractBaseUser | None = None) -> JobSetting:
    """Run a job at other times than its own. Raises `UnknownJob` and `InvalidCron`."""
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
    """Stop what runs at its next batch, and let nothing start. A pause that is on stays as it is."""
    with transaction.atomic():
        pause, _ = Pause.objects.get_or_create(id=1, defaults={"reason": reason, "paused_by_id": by.pk if by else None})
    return pause


def resume() -> bool:
    """End the pause; `False` where there was none."""
    deleted, _ = Pause.objects.all().delete()
    return bool(deleted)

"""Who changed the schedule of a job, and when: the operator's setting, and what the admin log has about it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType

from maintenance.models import JobSetting

MOST = 10


@dataclass(frozen=True)
class Change:
    """One entry of the admin log; `by` is `None` where the account is gone."""

    at: datetime
    by: Any
    words: str


@dataclass(frozen=True)
class Changes:
    """The last change of a job's setting, which may come from the command line, and the entries of the admin log."""

    at: datetime | None = None
    by: Any = None
    entries: list[Change] = field(default_factory=list)


def changes_of(name: str) -> Changes:
    """Return who changed the setting of a job, the latest first."""
    setting = JobSetting.objects.select_related("changed_by").filter(job=name).first()
    if setting is None:
        return Changes()
    kind = ContentType.objects.get_for_model(JobSetting)
    entries = LogEntry.objects.filter(content_type=kind, object_id=str(setting.pk)).select_related("user")
    return Changes(
        at=setting.changed_at,
        by=setting.changed_by,
        entries=[
            Change(entry.action_time, entry.user, entry.change_message)
            for entry in entries.order_by("-action_time", "-pk")[:MOST]
        ],
    )

"""The entry of a run in the audit log."""

from collections.abc import Mapping
from datetime import datetime

from bazaar.models import AuditLog

ACTION = "maintenance.run"
RESOURCE = "job_run"


def record_in_audit_trail(*, job: str, run_id: int, now: datetime, counts: Mapping[str, int]) -> None:
    """Create the entry of a run with its first batch, and update it with each later one."""
    entry = AuditLog.objects.filter(action=ACTION, resource_type=RESOURCE, resource_id=str(run_id))
    metadata = {"job": job, "counts": dict(counts)}
    if not entry.update(metadata=metadata):
        AuditLog.objects.create(
            action=ACTION, resource_type=RESOURCE, resource_id=str(run_id), metadata=metadata, created_at=now
        )

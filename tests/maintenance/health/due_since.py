"""Items of each irreversible job that become due at a time."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from maintenance.core import registry
from maintenance.models import JobRun
from tests.factories import (
    AuditLogFactory,
    DeletionRequestFactory,
    InvitationFactory,
    LoginAttemptFactory,
    PushTokenFactory,
    UploadFactory,
)

DAILY = "cleanup-push-tokens"
# What the ledger keeps too long is not counted as rows are: see `tests/bazaar/jobs/test_cleanup_ledger.py`.
JOBS = [job.name for job in registry.all_jobs() if job.irreversible and job.name != "cleanup-ledger"]
DUE_SINCE = {
    "cleanup-push-tokens": lambda at: PushTokenFactory(last_used_at=at - timedelta(days=90)),
    "cleanup-invitations": lambda at: InvitationFactory(created_at=at - timedelta(days=30)),
    "cleanup-expired-tokens": lambda at: LoginAttemptFactory(created_at=at - timedelta(days=90)),
    "cleanup-orphaned-files": lambda at: UploadFactory(created_at=at - timedelta(days=30)),
    "anonymize-audit-logs": lambda at: AuditLogFactory(created_at=at - relativedelta(years=1)),
    "delete-audit-logs": lambda at: AuditLogFactory(created_at=at - relativedelta(years=3)),
    "finalize-deletions": lambda at: DeletionRequestFactory(scheduled_for=at),
    "cleanup-run-history": lambda at: JobRun.objects.create(
        job=DAILY, trigger="command", dry_run=True, status="succeeded", queued_at=at - timedelta(days=400)
    ),
}
"""Makers of an item that becomes due at a time."""

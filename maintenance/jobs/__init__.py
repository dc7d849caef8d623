"""The jobs, where the engine and the domain meet. A new job is a file here, a command, and a line in `JOBS`."""

from maintenance.jobs.audit_trail import record_in_audit_trail
from maintenance.jobs.cleanup_invitations import CleanupInvitations
from maintenance.jobs.cleanup_push_tokens import CleanupPushTokens
from maintenance.jobs.delete_audit_logs import DeleteAuditLogs

JOBS = [
    CleanupInvitations,
    CleanupPushTokens,
    DeleteAuditLogs,
]

__all__ = ["JOBS", "record_in_audit_trail"]

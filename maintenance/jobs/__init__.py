"""The jobs, where the engine and the domain meet. A new job is a file here, a command, and a line in `JOBS`."""

from bazaar.audit_trail import record_in_audit_trail

JOBS = {
    "cleanup-expired-tokens": "cleanup_expired_tokens.CleanupExpiredTokens",
    "cleanup-run-history": "cleanup_run_history.CleanupRunHistory",
    "cleanup-invitations": "cleanup_invitations.CleanupInvitations",
    "cleanup-push-tokens": "cleanup_push_tokens.CleanupPushTokens",
    "anonymize-audit-logs": "anonymize_audit_logs.AnonymizeAuditLogs",
    "delete-audit-logs": "delete_audit_logs.DeleteAuditLogs",
    "cleanup-orphaned-files": "cleanup_orphaned_files.CleanupOrphanedFiles",
    "finalize-deletions": "finalize_deletions.FinalizeDeletions",
    "recalculate-karma": "recalculate_karma.RecalculateKarma",
}
"""Name, module and class of each job; named and not imported, so that one which cannot be loaded stops no other."""

__all__ = ["JOBS", "record_in_audit_trail"]

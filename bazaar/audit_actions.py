"""What the allow-list keeps in the metadata of audit logs that are past their year: for each action, which keys.

It counts with `AUDIT_METADATA=allow-list`. An action that is not here keeps nothing but its name. To keep a key, add it
with the kind of its values; `manage.py personal_data metadata --sample` tells which keys there are.
"""

from bazaar.ledger.choices import HoldReason
from bazaar.redaction.allow_list import BOOLEAN, FILE_TYPE, NUMBER, VERSION, Choice, Each, Id, Keys

COUNTS = Each(NUMBER)
"""An object with any keys, or a list, whose values are numbers."""

ACTIONS: dict[str, Keys] = {
    # Written by the program
    "account.erased": {
        "mode": Choice("anonymise", "delete"),
        "rows_deleted": NUMBER,
        "rows_changed": NUMBER,
        "files_condemned": NUMBER,
    },
    "account.exported": {"records": NUMBER},
    "account.erasure_unproven": {
        "mode": Choice("anonymise", "delete"),
        "rows_deleted": NUMBER,
        "rows_changed": NUMBER,
        "files_condemned": NUMBER,
    },
    "deletion.requested": {
        "mode": Choice("anonymise", "delete"),
        "channel": Choice("site", "email", "letter", "phone", "in_person", "other"),
    },
    "deletion.approved": {},
    "deletion.cancelled": {"reason": Choice("changed_mind", "by_mistake", "not_the_owner", "legal_hold")},
    "logins.unlocked": {"failures": NUMBER},
    "hold.set": {"reason": Choice(*HoldReason.values)},
    "hold.released": {"reason": Choice(*HoldReason.values)},
    "ledger.replayed": {"entries": NUMBER, "counts": COUNTS},
    "ledger.restarted": {"lost_entry": NUMBER},
    "maintenance.run": {"job": Id("a-z-"), "counts": COUNTS},
    # Written by the site
    "backup.made": {"size": NUMBER},
    "invitation.sent": {"total": NUMBER, "invitations": Each({"role": Choice("creator", "contributor", "advisor")})},
    "newsletter.sent": {"recipients": NUMBER},
    "project.collaborator_added": {"role": Choice("creator", "contributor", "advisor")},
    "project.created": {},
    "project.image_changed": {"size": NUMBER, "mime_type": FILE_TYPE},
    "project.updated": {"changes": {"status": Each(Choice("building", "launched"))}, "rename_count": NUMBER},
    "search.rebuilt": {"documents": NUMBER, "duration_ms": NUMBER},
    "user.email_changed": {"confirmed": BOOLEAN},
    "admin.user_viewed": {},
    "auth.rate_limited": {"requests": NUMBER},
    "moderation.report_filed": {},
    "user.login_failed": {"reason": Choice("link expired")},
    "user.login": {"method": Choice("magic_link", "password"), "app_version": VERSION},
    "user.profile_updated": {"source": Choice("settings page", "admin")},
}

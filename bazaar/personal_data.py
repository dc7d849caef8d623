"""What is personal, how its subject is found, and what an erasure does to it: the one table that erasure executes.

Policies are executed in their order, children before what they belong to. To add a field, add a policy:
`manage.py check` names every field that has none. The words are explained in `bazaar.erasure.inventory`.
"""

from datetime import timedelta

from django.conf import settings

from bazaar import personal_data_of_maintenance
from bazaar.erasure.actions import (
    AS_DELETED_USER,
    BLANK,
    CLEAN,
    DELETE_MENTIONING,
    DELETE_ROW,
    EMPTY,
    KEEP,
    NULL,
    REDACT,
    REDACT_CODE,
    REMOVE_FILE,
    RENAME_FILE,
    null_where,
)
from bazaar.erasure.inventory import DataCategory, model_policy, not_personal, personal
from bazaar.erasure.project_selectors import (
    COLLABORATED,
    ONLY_CREATOR,
    of_a_project_that_goes,
    of_others_in_a_project_that_goes,
)
from bazaar.erasure.resource_selectors import by_resource
from bazaar.erasure.selectors import (
    THEIR_AVATAR,
    by_email,
    by_number,
    by_sender,
    by_user,
    everywhere,
    of_their,
)
from bazaar.personal_data_of_accounts import ACCOUNTS
from bazaar.personal_data_of_others import OTHER_APPS
from bazaar.redaction.rule import numbers_of_earlier_versions

ADDRESS, CHOICE, DATA, FILE, NAME = (
    DataCategory.ADDRESS,
    DataCategory.CHOICE,
    DataCategory.DATA,
    DataCategory.FILE,
    DataCategory.NAME,
)
ORIGIN, PERSON, CREDENTIAL, TEXT = DataCategory.ORIGIN, DataCategory.PERSON, DataCategory.CREDENTIAL, DataCategory.TEXT

RESOURCE = by_resource("AuditLog", "resource_type", "resource_id")
ABOUT_THEM = by_user("user") | by_user("subject") | RESOURCE
OF_THEIR_IDEA = of_their("Idea", "creator", "idea")
OF_A_PROJECT_THAT_GOES = of_a_project_that_goes("project")
INVITED_BY_THEM = by_user("invited_by") | OF_A_PROJECT_THAT_GOES
NOT_CLEAN = numbers_of_earlier_versions()
"""Numbers of cleaning rules that may have missed an address; none examined 0."""
EVERY_SESSION = everywhere("expire_date", ahead=timedelta(seconds=settings.SESSION_COOKIE_AGE))
TRIED_BY_THEM = by_user("user") | by_email("email", account="user")
REQUESTED = by_user("user") | by_user("cancelled_by") | by_user("verified_by") | by_user("approved_by")
THEIR_UPLOADS = by_user("uploaded_by") | THEIR_AVATAR

PROJECT_TEXTS = "title description url repo_url"
IDEA_TEXTS = "title description looking_for"
SHOWN = "shown as of [Deleted User]"
CONTRIBUTION = "a contribution is kept as long as the project, the idea or the account"

POLICIES = [
    *personal_data_of_maintenance.POLICIES,
    *OTHER_APPS,
    # What lets them in, and who tried
    *model_policy(
        "bazaar.Session",
        personal("user session_key session_data", CREDENTIAL, by_user("user"), DELETE_ROW),
        personal("session_data", CREDENTIAL, EVERY_SESSION, DELETE_MENTIONING, note="of somebody else, or of nobody"),
        not_personal("expire_date"),
        because="a session is deleted when it has expired",
    ),
    *model_policy(
        "bazaar.PushToken",
        personal("user token platform last_used_at", CREDENTIAL, by_user("user"), DELETE_ROW),
        not_personal("id created_at"),
        limits="PUSH_TOKEN_RETENTION_DAYS",
    ),
    *model_policy(
        "bazaar.RefreshToken",
        personal("user token_hash expires_at revoked_at", CREDENTIAL, by_user("user"), DELETE_ROW),
        not_personal("id created_at"),
        limits="EXPIRED_TOKEN_RETENTION_DAYS",
    ),
    *model_policy(
        "bazaar.MagicLinkToken",
        personal("email token_hash expires_at used_at", ADDRESS, by_email("email"), DELETE_ROW),
        not_personal("id created_at"),
        limits="EXPIRED_TOKEN_RETENTION_DAYS MAGIC_LINK_RETENTION_DAYS",
    ),
    *model_policy(
        "bazaar.LoginAttempt",
        personal("user email success ip_address user_agent network device", ORIGIN, TRIED_BY_THEM, DELETE_ROW),
        personal("user_agent", ORIGIN, everywhere("created_at"), REDACT),
        not_personal("id created_at lifted_at"),
        limits="LOGIN_ATTEMPT_RETENTION_DAYS",
    ),
    *model_policy(
        "bazaar.ConsentRecord",
        personal("user consent_type granted granted_at revoked_at", CHOICE, by_user("user"), DELETE_ROW),
        personal("ip_address user_agent", ORIGIN, by_user("user"), DELETE_ROW),
        personal("consent_type user_agent", TEXT, everywhere("granted_at"), REDACT),
        not_personal("id"),
        limits="WITHDRAWN_CONSENT_RETENTION_YEARS",
    ),
    # What they were told, and what others were told about them
    *model_policy(
        "bazaar.Notification",
        personal("user type title body data read", TEXT, by_user("user"), DELETE_ROW),
        personal("actor", PERSON, by_user("actor"), NULL),
        personal("title", TEXT, by_user("actor"), AS_DELETED_USER),
        personal("body", TEXT, by_user("actor"), BLANK),
        personal("data", DATA, by_user("actor"), EMPTY),
        personal("type", TEXT, by_user("actor"), REDACT_CODE),
        personal("type title body data", TEXT, everywhere("created_at"), REDACT),
        not_personal("id created_at"),
        limits="NOTIFICATION_RETENTION_DAYS",
    ),
    # What they did, and what others did about them
    *model_policy(
        "bazaar.AuditLog",
        personal("action resource_type resource_id user_agent", TEXT, everywhere("created_at"), REDACT),
        personal("metadata", DATA, everywhere("created_at", cleaned_version__in=NOT_CLEAN), REDACT),
        personal("user", PERSON, ABOUT_THEM, null_where(by_user("user"))),
        personal("subject", PERSON, ABOUT_THEM, null_where(by_user("subject"))),
        personal("action resource_type resource_id", TEXT, ABOUT_THEM, REDACT_CODE),
        personal("ip_address user_agent", ORIGIN, ABOUT_THEM, NULL),
        personal("metadata", DATA, ABOUT_THEM, CLEAN),
        personal("resource_id", PERSON, RESOURCE, null_where(RESOURCE)),
        not_personal("id created_at cleaned_version"),
        limits="AUDIT_LOG_ANONYMIZE_YEARS AUDIT_LOG_DELETE_YEARS",
    ),
    *model_policy("redaction.CleaningRule", not_personal("id digest", "what the cleaner of metadata removes")),
    # Invitations to them, and theirs to others
    *model_policy(
        "bazaar.Invitation",
        personal("email token_hash role", ADDRESS, by_email("email") | by_sender("invited_by"), DELETE_ROW),
        personal("expires_at accepted_at declined_at", CHOICE, by_email("email") | by_sender("invited_by"), DELETE_ROW),
        personal("invited_by project", PERSON, INVITED_BY_THEM, KEEP, DELETE_ROW, note=SHOWN),
        not_personal("id created_at"),
        limits="INVITATION_RETENTION_DAYS ANSWERED_INVITATION_RETENTION_DAYS",
    ),
    # Ideas: contributions, kept when the person is anonymised
    *model_policy(
        "bazaar.IdeaInterest",
        personal("user", PERSON, by_user("user"), KEEP, DELETE_ROW, note=SHOWN),
        personal("message", TEXT, by_user("user"), BLANK, DELETE_ROW),
        personal("idea", CHOICE, OF_THEIR_IDEA, KEEP, DELETE_ROW),
        personal("message", TEXT, everywhere("created_at"), REDACT),
        not_personal("id created_at"),
        because=CONTRIBUTION,
    ),
    *model_policy(
        "bazaar.IdeaUpvote",
        personal("user idea", PERSON, by_user("user") | OF_THEIR_IDEA, KEEP, DELETE_ROW, note=SHOWN),
        not_personal("id created_at"),
        because=CONTRIBUTION,
    ),
    *model_policy(
        "bazaar.Idea",
        personal("creator", PERSON, by_user("creator"), KEEP, DELETE_ROW, note=SHOWN),
        personal(IDEA_TEXTS, TEXT, by_user("creator"), REDACT, DELETE_ROW),
        personal(IDEA_TEXTS, TEXT, everywhere("created_at", "updated_at"), REDACT),
        personal("graduated_to", CHOICE, of_a_project_that_goes("graduated_to"), KEEP, NULL),
        not_personal("id created_at updated_at status"),
        because=CONTRIBUTION,
    ),
    # Projects likewise. Which of them go is known by the creator's row, so that this goes after the project.
    *model_policy(
        "bazaar.Upvote",
        personal("user project", PERSON, by_user("user") | OF_A_PROJECT_THAT_GOES, KEEP, DELETE_ROW, note=SHOWN),
        not_personal("id created_at"),
        because=CONTRIBUTION,
    ),
    *model_policy(
        "bazaar.Collaborator",
        personal("project", CHOICE, of_others_in_a_project_that_goes("project", "user"), KEEP, DELETE_ROW),
        because=CONTRIBUTION,
    ),
    *model_policy(
        "bazaar.Project",
        personal(PROJECT_TEXTS, TEXT, ONLY_CREATOR, KEEP, DELETE_ROW, note="kept ones: see the next line"),
        personal(PROJECT_TEXTS, TEXT, COLLABORATED, REDACT),
        personal(PROJECT_TEXTS, TEXT, everywhere("created_at", "updated_at"), REDACT),
        not_personal("image", "see Upload"),
        not_personal("id created_at updated_at status is_featured"),
        because=CONTRIBUTION,
    ),
    *model_policy(
        "bazaar.Collaborator",
        personal("user role", PERSON, by_user("user"), KEEP, DELETE_ROW, note=SHOWN),
        not_personal("id created_at"),
        because=CONTRIBUTION,
    ),
    # What a kept project, or somebody else, still shows stays without owner and name
    *model_policy(
        "bazaar.Upload",
        personal("file condemned_at", FILE, THEIR_UPLOADS, REMOVE_FILE),
        personal("original_name", FILE, THEIR_UPLOADS, BLANK),
        personal("uploaded_by", PERSON, THEIR_UPLOADS, null_where(by_user("uploaded_by"))),
        personal("file", FILE, everywhere("created_at", condemned_at=None), RENAME_FILE),
        personal("original_name mime_type", FILE, everywhere("created_at", condemned_at=None), REDACT),
        not_personal("id created_at size in_use"),
        limits="ORPHANED_FILE_RETENTION_DAYS",
    ),
    # The evidence
    *model_policy(
        "bazaar.DeletionRequest",
        personal("user", PERSON, REQUESTED, KEEP, null_where(by_user("user"))),
        personal("cancelled_by", PERSON, REQUESTED, KEEP, null_where(by_user("cancelled_by"))),
        personal("verified_by", PERSON, REQUESTED, KEEP, null_where(by_user("verified_by"))),
        personal("approved_by", PERSON, REQUESTED, KEEP, null_where(by_user("approved_by"))),
        personal("user_pk", PERSON, by_number("user_pk"), KEEP, note="names nobody any more; the evidence needs it"),
        not_personal("id public_id anonymize_contributions status requested_at scheduled_for completed_at"),
        not_personal("cancelled_at cancel_reason channel needs_approval approved_at attempts last_attempt_at"),
        not_personal("notice_due_at notice_attempts notified_at reminded_at closing_notice closing_notice_at"),
        not_personal("last_error", "class and SQLSTATE only"),
        not_personal("evidence", "numbers, and the public id"),
        limits="DELETION_EVIDENCE_RETENTION_YEARS CANCELLED_REQUEST_RETENTION_YEARS",
    ),
    *model_policy(
        "bazaar.ClosingMail",
        not_personal("id request made_at due_at attempts"),
        # The erasure makes the row after its search, so it has nothing to do with it.
        not_personal("sealed_address", "the address, encrypted; it goes when the mail is sent, at last with its limit"),
        limits="CLOSING_MAIL_RETENTION_DAYS",
    ),
    *ACCOUNTS,
]

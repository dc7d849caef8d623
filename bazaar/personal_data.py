"""What is personal, how its subject is found, and what an erasure does to it: the one table that erasure executes.

Lines are executed in their order, children before what they belong to. To add a field, add a line: `manage.py check`
names every field that has none. The words are explained in `bazaar.erasure.inventory`.
"""

from bazaar.erasure.actions import (
    AS_DELETED_ADDRESS,
    AS_DELETED_USER,
    BLANK,
    CLEAN,
    CONDEMN,
    DELETE_MENTIONING,
    DELETE_ROW,
    EMPTY,
    FALSE,
    FIRST_TIME,
    KEEP,
    NOW,
    NULL,
    REDACT,
    UNUSABLE_PASSWORD,
    constant,
    null_where,
)
from bazaar.erasure.found import (
    COLLABORATED,
    LOG_ABOUT_PERSON,
    LOG_ABOUT_ROWS,
    ONLY_CREATOR,
    THEIR_AVATAR,
    THEMSELVES,
    by_email,
    by_number,
    by_resource,
    by_sender,
    by_user,
    everywhere,
    of_a_project_that_goes,
    of_others_in_a_project_that_goes,
    of_their,
)
from bazaar.erasure.inventory import Holds, line, nothing, of

ADDRESS, CHOICE, DATA, FILE, NAME = Holds.ADDRESS, Holds.CHOICE, Holds.DATA, Holds.FILE, Holds.NAME
ORIGIN, PERSON, CREDENTIAL, TEXT = Holds.ORIGIN, Holds.PERSON, Holds.CREDENTIAL, Holds.TEXT

PERSON_TYPES = ("user", "User", "bazaar.user", "bazaar.User")
RESOURCE = by_resource("resource_type", "resource_id", PERSON_TYPES)
ABOUT_THEM = by_user("user") | by_user("subject") | RESOURCE
LOG_ABOUT_THEM = LOG_ABOUT_PERSON | LOG_ABOUT_ROWS
OF_THEIR_IDEA = of_their("Idea", "creator", "idea")
OF_A_PROJECT_THAT_GOES = of_a_project_that_goes("project")
INVITED_BY_THEM = by_user("invited_by") | OF_A_PROJECT_THAT_GOES
REQUESTED = by_user("user") | by_user("cancelled_by")
THEIR_UPLOADS = by_user("uploaded_by") | THEIR_AVATAR

PROJECT_TEXTS = "title description url repo_url"
IDEA_TEXTS = "title description looking_for"
SHOWN = "shown as of [Deleted User]"

LINES = [
    # Django's admin log. Staff are never deleted, so that the entries which they made stay.
    *of(
        "admin.LogEntry",
        line(
            "user", PERSON, by_user("user"), KEEP, DELETE_ROW, note="deleted: those of somebody who is no longer staff"
        ),
        line("object_repr", TEXT, LOG_ABOUT_THEM, AS_DELETED_USER),
        line("change_message", TEXT, LOG_ABOUT_THEM, BLANK),
        line("object_repr change_message", TEXT, everywhere("action_time"), REDACT),
        nothing("id action_time content_type action_flag"),
        nothing("object_id", "an id"),
    ),
    # What other people's apps keep
    *of("auth.Permission", nothing("id name content_type codename")),
    *of("auth.Group", nothing("id name")),
    *of("auth.Group_permissions", nothing("id group permission")),
    *of("contenttypes.ContentType", nothing("id app_label model")),
    *of(
        "django_q.Task",
        line("args kwargs result", DATA, everywhere(), DELETE_MENTIONING, note="our own hold names and numbers only"),
        nothing("id name func hook group cluster started stopped success attempt_count"),
    ),
    *of(
        "django_q.OrmQ",
        line("payload", DATA, everywhere(), DELETE_MENTIONING, note="our own hold names and numbers only"),
        nothing("id key lock"),
    ),
    *of(
        "django_q.Schedule",
        nothing("id schedule_type minutes repeats next_run cron task cluster intended_date_kwarg"),
        nothing("name func hook args kwargs", "written by operators; our own take names and numbers only"),
    ),
    # What lets them in, and who tried
    *of(
        "bazaar.Session",
        line("user session_key session_data", CREDENTIAL, by_user("user"), DELETE_ROW),
        nothing("expire_date"),
    ),
    *of(
        "bazaar.PushToken",
        line("user token platform last_used_at", CREDENTIAL, by_user("user"), DELETE_ROW),
        nothing("id created_at"),
    ),
    *of(
        "bazaar.RefreshToken",
        line("user token_hash expires_at revoked_at", CREDENTIAL, by_user("user"), DELETE_ROW),
        nothing("id created_at"),
    ),
    *of(
        "bazaar.MagicLinkToken",
        line("email token_hash expires_at used_at", ADDRESS, by_email("email"), DELETE_ROW),
        nothing("id created_at"),
    ),
    *of(
        "bazaar.LoginAttempt",
        line("user email success ip_address user_agent", ORIGIN, by_user("user") | by_email("email"), DELETE_ROW),
        nothing("id created_at"),
    ),
    *of(
        "bazaar.ConsentRecord",
        line("user consent_type granted granted_at revoked_at", CHOICE, by_user("user"), DELETE_ROW),
        line("ip_address user_agent", ORIGIN, by_user("user"), DELETE_ROW),
        nothing("id"),
    ),
    # What they were told, and what others were told about them
    *of(
        "bazaar.Notification",
        line("user type title body data read", TEXT, by_user("user"), DELETE_ROW),
        line("actor", PERSON, by_user("actor"), NULL),
        line("title", TEXT, by_user("actor"), AS_DELETED_USER),
        line("body", TEXT, by_user("actor"), BLANK),
        line("data", DATA, by_user("actor"), EMPTY),
        line("title body data", TEXT, everywhere("created_at"), REDACT),
        nothing("id created_at"),
    ),
    # What they did, and what others did about them
    *of(
        "bazaar.AuditLog",
        line("user", PERSON, ABOUT_THEM, null_where(by_user("user"))),
        line("subject", PERSON, ABOUT_THEM, null_where(by_user("subject"))),
        line("resource_id", PERSON, ABOUT_THEM, null_where(RESOURCE)),
        line("ip_address user_agent", ORIGIN, ABOUT_THEM, NULL),
        line("metadata", DATA, ABOUT_THEM, CLEAN),
        line("metadata", DATA, everywhere("created_at"), REDACT),
        nothing("id created_at cleaned_version action resource_type"),
    ),
    # Invitations to them, and theirs to others
    *of(
        "bazaar.Invitation",
        line("email token role", ADDRESS, by_email("email") | by_sender("invited_by"), DELETE_ROW),
        line("expires_at accepted_at declined_at", CHOICE, by_email("email") | by_sender("invited_by"), DELETE_ROW),
        line("invited_by project", PERSON, INVITED_BY_THEM, KEEP, DELETE_ROW, note=SHOWN),
        nothing("id created_at"),
    ),
    # Ideas: contributions, kept when the person is anonymised
    *of(
        "bazaar.IdeaInterest",
        line("user", PERSON, by_user("user"), KEEP, DELETE_ROW, note=SHOWN),
        line("message", TEXT, by_user("user"), BLANK, DELETE_ROW),
        line("idea", CHOICE, OF_THEIR_IDEA, KEEP, DELETE_ROW),
        line("message", TEXT, everywhere(), REDACT),
        nothing("id created_at"),
    ),
    *of(
        "bazaar.IdeaUpvote",
        line("user idea", PERSON, by_user("user") | OF_THEIR_IDEA, KEEP, DELETE_ROW, note=SHOWN),
        nothing("id created_at"),
    ),
    *of(
        "bazaar.Idea",
        line("creator", PERSON, by_user("creator"), KEEP, DELETE_ROW, note=SHOWN),
        line(IDEA_TEXTS, TEXT, by_user("creator"), REDACT, DELETE_ROW),
        line(IDEA_TEXTS, TEXT, everywhere(), REDACT),
        line("graduated_to", CHOICE, of_a_project_that_goes("graduated_to"), KEEP, NULL),
        nothing("id created_at updated_at status"),
    ),
    # Projects likewise. Which of them go is known by the creator's row, so that this goes after the project.
    *of(
        "bazaar.Upvote",
        line("user project", PERSON, by_user("user") | OF_A_PROJECT_THAT_GOES, KEEP, DELETE_ROW, note=SHOWN),
        nothing("id created_at"),
    ),
    *of(
        "bazaar.Collaborator",
        line("project", CHOICE, of_others_in_a_project_that_goes("project", "user"), KEEP, DELETE_ROW),
    ),
    *of(
        "bazaar.Project",
        line(PROJECT_TEXTS, TEXT, ONLY_CREATOR, KEEP, DELETE_ROW, note="kept ones: see the next line"),
        line(PROJECT_TEXTS, TEXT, COLLABORATED, REDACT),
        line(PROJECT_TEXTS, TEXT, everywhere(), REDACT),
        nothing("image", "see Upload"),
        nothing("id created_at updated_at status is_featured"),
    ),
    *of(
        "bazaar.Collaborator",
        line("user role", PERSON, by_user("user"), KEEP, DELETE_ROW, note=SHOWN),
        nothing("id created_at"),
    ),
    # What a kept project, or somebody else, still shows stays without owner and name
    *of(
        "bazaar.Upload",
        line("file condemned_at", FILE, THEIR_UPLOADS, CONDEMN),
        line("original_name", FILE, THEIR_UPLOADS, BLANK),
        line("uploaded_by", PERSON, THEIR_UPLOADS, null_where(by_user("uploaded_by"))),
        nothing("id created_at mime_type size"),
    ),
    # The evidence
    *of(
        "bazaar.DeletionRequest",
        line("user", PERSON, REQUESTED, KEEP, null_where(by_user("user"))),
        line("cancelled_by", PERSON, REQUESTED, KEEP, null_where(by_user("cancelled_by"))),
        line("user_pk", PERSON, by_number("user_pk"), KEEP, note="names nobody any more; the evidence needs it"),
        nothing("id anonymize_contributions status requested_at scheduled_for completed_at"),
        nothing("cancelled_at cancel_reason attempts last_attempt_at"),
        nothing("last_error", "class and SQLSTATE only"),
        nothing("evidence", "numbers, and the public id"),
    ),
    # The person
    *of(
        "bazaar.UserFormerEmail",
        line("user email", ADDRESS, by_user("user"), DELETE_ROW),
        nothing("id created_at"),
    ),
    *of("bazaar.User_groups", line("user group", CHOICE, by_user("user"), DELETE_ROW), nothing("id")),
    *of("bazaar.User_user_permissions", line("user permission", CHOICE, by_user("user"), DELETE_ROW), nothing("id")),
    *of(
        "bazaar.User",
        line("invited_by", PERSON, by_user("invited_by"), KEEP, NULL, note="those whom they invited"),
        line("bio", TEXT, everywhere(), REDACT),
        line("email", ADDRESS, THEMSELVES, AS_DELETED_ADDRESS, DELETE_ROW),
        line("name", NAME, THEMSELVES, AS_DELETED_USER, DELETE_ROW),
        line("bio", TEXT, THEMSELVES, BLANK, DELETE_ROW),
        line("avatar", FILE, THEMSELVES, NULL, DELETE_ROW),
        line("invited_by", PERSON, THEMSELVES, NULL, DELETE_ROW),
        line("password", CREDENTIAL, THEMSELVES, UNUSABLE_PASSWORD, DELETE_ROW),
        line("is_active is_staff is_superuser is_external", CHOICE, THEMSELVES, FALSE, DELETE_ROW),
        line("include_in_search show_email_on_profile", CHOICE, THEMSELVES, FALSE, DELETE_ROW),
        line("show_activity_publicly", CHOICE, THEMSELVES, FALSE, DELETE_ROW),
        line("last_login deletion_requested_at", CHOICE, THEMSELVES, NULL, DELETE_ROW),
        line("karma", CHOICE, THEMSELVES, constant(0), DELETE_ROW),
        line("anonymized_at", CHOICE, THEMSELVES, FIRST_TIME, DELETE_ROW),
        line("updated_at", CHOICE, THEMSELVES, NOW, DELETE_ROW),
        line("public_id", PERSON, THEMSELVES, KEEP, DELETE_ROW, note="random; the evidence names them by it"),
        line("created_at deleted_at", CHOICE, THEMSELVES, KEEP, DELETE_ROW),
        nothing("id"),
    ),
]

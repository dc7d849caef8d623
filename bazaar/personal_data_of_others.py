"""What Django's own and other people's apps keep about a person: a part of `bazaar.personal_data`."""

from bazaar.erasure.actions import (
    AS_DELETED_USER,
    BLANK,
    DELETE_MENTIONING,
    DELETE_ROW,
    KEEP,
    REDACT,
    REDACT_NAMES,
)
from bazaar.erasure.admin_log_selectors import LOG_ABOUT_PERSON, LOG_ABOUT_ROWS
from bazaar.erasure.inventory import DataCategory, model_policy, not_personal, personal
from bazaar.erasure.selectors import by_user, everywhere

DATA, PERSON, TEXT = DataCategory.DATA, DataCategory.PERSON, DataCategory.TEXT
LOG_ABOUT_THEM = LOG_ABOUT_PERSON | LOG_ABOUT_ROWS

OTHER_APPS = [
    # Django's admin log. Staff are never deleted, so that the entries which they made stay.
    *model_policy(
        "admin.LogEntry",
        personal(
            "user", PERSON, by_user("user"), KEEP, DELETE_ROW, note="deleted: those of somebody who is no longer staff"
        ),
        personal("object_repr change_message", TEXT, by_user("user"), REDACT_NAMES, DELETE_ROW),
        personal("object_repr", TEXT, LOG_ABOUT_THEM, AS_DELETED_USER),
        personal("change_message", TEXT, LOG_ABOUT_THEM, BLANK),
        personal("object_repr change_message", TEXT, everywhere("action_time"), REDACT),
        not_personal("id action_time content_type action_flag"),
        not_personal("object_id", "an id"),
        limits="ADMIN_LOG_RETENTION_YEARS",
    ),
    # What other people's apps keep
    *model_policy("auth.Permission", not_personal("id name content_type codename", "names of rights")),
    *model_policy(
        "auth.Group",
        personal("name", TEXT, everywhere(), REDACT),
        not_personal("id"),
        because="a group is kept as long as the site needs it",
    ),
    *model_policy("auth.Group_permissions", not_personal("id group permission")),
    *model_policy("contenttypes.ContentType", not_personal("id app_label model", "names of code")),
    *model_policy(
        "django_q.Task",
        personal(
            "args kwargs result",
            DATA,
            everywhere("started", "stopped"),
            DELETE_MENTIONING,
            note="our own hold names and numbers only",
        ),
        personal("name func hook group cluster", TEXT, everywhere("started", "stopped"), REDACT),
        not_personal("id started stopped success attempt_count", "the id is random"),
        limits="QUEUE_FAILURE_RETENTION_DAYS",
    ),
    *model_policy(
        "django_q.OrmQ",
        personal("payload", DATA, everywhere(), DELETE_MENTIONING, note="our own hold names and numbers only"),
        not_personal("id key lock", "the key is the name of a cluster"),
        because="a task is deleted when a worker takes it",
    ),
    *model_policy(
        "django_q.Schedule",
        personal("name func hook args kwargs cluster", TEXT, everywhere(), REDACT, note="written by operators"),
        not_personal(
            "id schedule_type minutes repeats next_run cron task intended_date_kwarg", "times, and names of code"
        ),
        because="a schedule is kept as long as its job",
    ),
]

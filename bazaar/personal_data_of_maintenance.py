"""What the tables of the maintenance app say about people: who requested what (see `bazaar.personal_data`)."""

from bazaar.erasure.actions import KEEP, NULL, REDACT, null_where
from bazaar.erasure.inventory import DataCategory, model_policy, not_personal, personal
from bazaar.erasure.selectors import by_user, everywhere

PERSON = DataCategory.PERSON
NAMES = "names of jobs, states and machines"
ASKED = by_user("requested_by") | by_user("cancel_requested_by")

POLICIES = [
    *model_policy(
        "maintenance.JobRun",
        personal("requested_by", PERSON, ASKED, KEEP, null_where(by_user("requested_by"))),
        personal("cancel_requested_by", PERSON, ASKED, KEEP, null_where(by_user("cancel_requested_by"))),
        not_personal("id job trigger dry_run status slot queued_at cancel_requested_at task_id", NAMES),
        not_personal(
            "backend_pid started_at heartbeat_at progressed_at finished_at items_due items_done is_totalled", NAMES
        ),
        not_personal("host pid machine process_started", "names and numbers of machines and processes"),
        not_personal("message details error", "ids, numbers and class names; never the text of an exception"),
        limits="RUN_HISTORY_RETENTION_DAYS",
    ),
    *model_policy(
        "maintenance.JobSetting",
        personal("changed_by", PERSON, by_user("changed_by"), KEEP, NULL),
        not_personal("id job cron enabled changed_at", NAMES),
        because="a setting is kept as long as its job",
    ),
    *model_policy(
        "maintenance.Pause",
        personal("paused_by", PERSON, by_user("paused_by"), KEEP, NULL),
        personal("reason", DataCategory.TEXT, everywhere(), REDACT),
        not_personal("id job paused_at until", NAMES),
        because="a pause is deleted when it ends",
    ),
    *model_policy("maintenance.RunTotal", not_personal("id job status runs items duration", NAMES)),
    *model_policy(
        "maintenance.DailyTotal",
        not_personal("id job status day runs items_due items_done duration details", "names, numbers and dates"),
    ),
    *model_policy("maintenance.Canary", not_personal("id number sent_at queue_row echo echoed_at round_trip", NAMES)),
    *model_policy("maintenance.ClusterHeartbeat", not_personal("id host machine workers seen_at", "names of machines")),
    *model_policy(
        "maintenance.HealthSnapshot",
        not_personal(
            "id checked_at host results compared_at", "codes and sentences about jobs, rows and settings; no person"
        ),
    ),
    *model_policy(
        "maintenance.Trouble",
        not_personal(
            "id key code job sentence remedy since gone_since told_at", "what the health report says; no person"
        ),
    ),
    *model_policy(
        "maintenance.AlertDelivery",
        not_personal("id message kind channel title text troubles status", "what the health report says; no person"),
        not_personal("created_at due_at attempts attempted_at sent_at reason", "a class name or a status of HTTP"),
    ),
]

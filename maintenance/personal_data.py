"""What the department's own tables say about people: who asked for what (see `bazaar.personal_data`)."""

from bazaar.erasure.actions import KEEP, NULL, REDACT, null_where
from bazaar.erasure.found import by_user, everywhere
from bazaar.erasure.inventory import Holds, line, nothing, of

PERSON = Holds.PERSON
ASKED = by_user("requested_by") | by_user("cancel_requested_by")

LINES = [
    *of(
        "maintenance.JobRun",
        line("requested_by", PERSON, ASKED, KEEP, null_where(by_user("requested_by"))),
        line("cancel_requested_by", PERSON, ASKED, KEEP, null_where(by_user("cancel_requested_by"))),
        nothing("id job trigger dry_run status slot queued_at cancel_requested_at task_id backend_pid"),
        nothing("started_at heartbeat_at finished_at host pid items_due items_done"),
        nothing("message details error", "ids, numbers and class names; never the text of an exception"),
    ),
    *of(
        "maintenance.JobSetting",
        line("changed_by", PERSON, by_user("changed_by"), KEEP, NULL),
        nothing("id job cron enabled changed_at"),
    ),
    *of(
        "maintenance.Pause",
        line("paused_by", PERSON, by_user("paused_by"), KEEP, NULL),
        line("reason", Holds.TEXT, everywhere(), REDACT),
        nothing("id paused_at"),
    ),
    *of("maintenance.RunTotal", nothing("id job status runs items duration")),
    *of("maintenance.Canary", nothing("id number sent_at queue_row echo echoed_at round_trip")),
    *of("maintenance.ClusterSign", nothing("id host workers seen_at", "names of machines")),
    *of(
        "maintenance.Examination",
        nothing("id examined_at host verdicts", "codes and sentences about jobs, rows and settings; no person"),
    ),
]

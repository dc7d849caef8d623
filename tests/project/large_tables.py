"""Tables of a site that has grown, in which nothing is due."""

from django.db import connection

from bazaar.redaction import rule
from maintenance.core import registry

OLD = "now() - interval '500 days'"
RECENT = "now() - interval '1 day' - n * interval '1 second'"
RUN = "now() - interval '10 days' - n * interval '1 minute'"
IS_EVEN = "n %% 2 = 0"

TABLES = {
    "bazaar_upload": {
        "file": "'file-' || n || '.png'",
        "mime_type": "'image/png'",
        "size": "1",
        "original_name": "''",
        "created_at": OLD,
    },
    "bazaar_user": {
        "public_id": "gen_random_uuid()",
        "email": "'person-' || n || '@example.org'",
        "password": "'!'",
        "name": "'Person ' || n",
        "bio": "''",
        "karma": "1",
        "avatar_id": f"CASE WHEN {IS_EVEN} THEN n END",
        "is_superuser": "false",
        "is_staff": "false",
        "is_active": "true",
        "is_external": "false",
        "show_email_on_profile": "false",
        "include_in_search": "true",
        "show_activity_publicly": "true",
        "created_at": OLD,
        "updated_at": OLD,
    },
    "bazaar_userformeremail": {
        "user_id": "n",
        "email": "'former-' || n || '@example.org'",
        "held_until": RECENT,
        "created_at": RECENT,
    },
    "bazaar_project": {
        "title": "'A project'",
        "description": "''",
        "url": "''",
        "repo_url": "''",
        "status": "'building'",
        "is_featured": "false",
        "image_id": f"CASE WHEN {IS_EVEN} THEN NULL ELSE n END",
        "created_at": OLD,
        "updated_at": OLD,
    },
    "bazaar_collaborator": {"user_id": "n", "project_id": "n", "role": "'creator'", "created_at": OLD},
    "bazaar_upvote": {"user_id": "n", "project_id": "n", "created_at": OLD},
    "bazaar_idea": {
        "title": "'An idea'",
        "description": "''",
        "looking_for": "''",
        "creator_id": "n",
        "status": "'open'",
        "created_at": OLD,
        "updated_at": OLD,
    },
    "bazaar_ideainterest": {"user_id": "n", "idea_id": "n", "message": "''", "created_at": OLD},
    "bazaar_ideaupvote": {"user_id": "n", "idea_id": "n", "created_at": OLD},
    "bazaar_invitation": {
        "email": f"CASE WHEN {IS_EVEN} THEN '' ELSE 'invited-' || n || '@example.org' END",
        "invited_by_id": "n",
        "project_id": "n",
        "role": "'advisor'",
        "token_hash": "'invitation-' || n",
        "expires_at": OLD,
        "accepted_at": f"CASE WHEN {IS_EVEN} AND n %% 4 = 0 THEN {OLD} END",
        "declined_at": f"CASE WHEN {IS_EVEN} AND n %% 4 = 2 THEN {OLD} END",
        "created_at": f"CASE WHEN {IS_EVEN} THEN {OLD} ELSE {RECENT} END",
    },
    "bazaar_consentrecord": {
        "user_id": "n",
        "consent_type": "'newsletter'",
        "granted": "true",
        "user_agent": "''",
        "granted_at": OLD,
        "revoked_at": f"CASE WHEN {IS_EVEN} THEN {OLD} END",
    },
    "bazaar_notification": {
        "user_id": "n",
        "type": "'upvote'",
        "title": "'A vote'",
        "body": "''",
        "data": "'{}'",
        "read": "true",
        "created_at": RECENT,
    },
    "bazaar_pushtoken": {
        "user_id": "n",
        "token": "'device-' || n",
        "platform": "'ios'",
        "last_used_at": RECENT,
        "created_at": OLD,
    },
    "bazaar_refreshtoken": {
        "user_id": "n",
        "token_hash": "'refresh-' || n",
        "expires_at": "now() + interval '10 days'",
        "created_at": OLD,
    },
    "bazaar_magiclinktoken": {
        "email": "'person-' || n || '@example.org'",
        "token_hash": "'link-' || n",
        "expires_at": RECENT,
        "created_at": RECENT,
    },
    "bazaar_loginattempt": {
        "email": "'person-' || n || '@example.org'",
        "user_id": "n",
        "success": "true",
        "user_agent": "''",
        "network": "''",
        "device": "''",
        "created_at": RECENT,
    },
    "bazaar_session": {
        "session_key": "'session-' || n",
        "session_data": "''",
        "user_id": "n",
        "expire_date": "now() + interval '10 days' + n * interval '1 second'",
    },
    "bazaar_auditlog": {
        "action": "'project.updated'",
        "resource_type": "''",
        "metadata": "'{}'",
        "cleaned_version": f"CASE WHEN {IS_EVEN} THEN %(rule)s ELSE 0 END",
        "created_at": f"CASE WHEN {IS_EVEN} THEN {OLD} ELSE {RECENT} END",
    },
    "bazaar_deletionrequest": {
        "public_id": "gen_random_uuid()",
        "user_pk": "10000000 + n",
        "anonymize_contributions": "true",
        "status": f"CASE WHEN {IS_EVEN} THEN 'completed' ELSE 'cancelled' END",
        "requested_at": OLD,
        "scheduled_for": OLD,
        "completed_at": f"CASE WHEN {IS_EVEN} THEN {OLD} END",
        "cancelled_at": f"CASE WHEN {IS_EVEN} THEN NULL ELSE {OLD} END",
        "cancel_reason": "''",
        "attempts": "1",
        "last_error": "''",
        "evidence": "'{}'",
        "channel": "'site'",
        "needs_approval": "false",
        "notice_attempts": "0",
    },
    "holds_hold": {
        "public_id": "gen_random_uuid()",
        "user_id": "n",
        "status": "'released'",
        "reason": "'legal_claim'",
        "set_at": OLD,
        "review_on": RECENT,
        "released_at": RECENT,
    },
    "django_admin_log": {
        "action_time": RECENT,
        "user_id": "n",
        "object_id": "n",
        "object_repr": "''",
        "action_flag": "2",
        "change_message": "''",
    },
    "maintenance_jobrun": {
        "job": "(%(jobs)s::text[])[1 + n %% %(number)s]",
        "trigger": "'schedule'",
        "dry_run": "false",
        "status": "'succeeded'",
        "queued_at": RUN,
        "started_at": RUN,
        "finished_at": RUN,
        "task_id": "''",
        "host": "''",
        "machine": "''",
        "items_done": "1",
        "message": "''",
        "details": "'{}'",
        "is_totalled": "true",
    },
    "maintenance_dailytotal": {
        "job": "(%(jobs)s::text[])[1 + n %% %(number)s]",
        "status": "'succeeded'",
        "day": "current_date - 100 - (n / %(number)s)::int",
        "runs": "1",
        "items_due": "1",
        "items_done": "1",
        "duration": "interval '1 second'",
        "details": "'{}'",
    },
    "django_q_task": {
        "name": "'x'",
        "func": "'x'",
        "started": RECENT,
        "stopped": RECENT,
        "success": "false",
        "attempt_count": "1",
    },
}
"""For each column of a table its value in row `n`, in SQL."""
KEYS = {"bazaar_session": "", "django_q_task": "md5(n::text)"}
"""Tables whose key is not a number of the database's own."""


def fill(rows: int) -> None:
    """Add so many rows to each table, and let the database know how they are distributed."""
    names = sorted(registry.names())
    values = {"rule": rule.number(), "jobs": names, "number": len(names), "rows": rows}
    with connection.cursor() as cursor:
        for table, values_of in TABLES.items():
            key = KEYS.get(table, "n")
            columns = ({"id": key} if key else {}) | values_of
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(columns.values())}"
                " FROM generate_series(1, %(rows)s) n",
                values,
            )
            if key == "n":
                cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), %(rows)s)", values)
        cursor.execute("VACUUM ANALYZE")

"""Indexes on the times by which an erasure finds what is newer than the search, and by which old rows are cleared.

Building them keeps writers of these tables waiting: about a second for a million rows.
"""

from django.db import migrations, models

OF_OTHER_APPS = {
    "bazaar_admin_log_action_time": "django_admin_log (action_time)",
    "bazaar_task_stopped": "django_q_task (stopped)",
}


class Migration(migrations.Migration):

    dependencies = [
        ("bazaar", "0006_files_and_entries_found_by_name"),
        ("django_q", "0018_task_success_index"),
    ]

    operations = [
        migrations.AddIndex("user", models.Index(fields=["updated_at"], name="user_updated_at")),
        migrations.AddIndex("project", models.Index(fields=["updated_at"], name="project_updated_at")),
        migrations.AddIndex("idea", models.Index(fields=["updated_at"], name="idea_updated_at")),
        migrations.AddIndex("ideainterest", models.Index(fields=["created_at"], name="idea_interest_created_at")),
        migrations.AddIndex("consentrecord", models.Index(fields=["granted_at"], name="consent_granted_at")),
        migrations.AddIndex("consentrecord", models.Index(fields=["revoked_at", "id"], name="consent_revoked_at")),
        migrations.AddIndex("magiclinktoken", models.Index(fields=["created_at", "id"], name="magic_link_created_at")),
        migrations.AddIndex("deletionrequest", models.Index(fields=["cancelled_at"], name="deletion_cancelled_at")),
        *(
            migrations.RunSQL(f"CREATE INDEX IF NOT EXISTS {name} ON {columns}", f"DROP INDEX IF EXISTS {name}")
            for name, columns in OF_OTHER_APPS.items()
        ),
    ]

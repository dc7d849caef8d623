"""Indexes: uploads whose names have other spellings, and entries of Django's admin log by the object they are about.

Building them keeps writers of these tables waiting: about a second for a million rows.
"""

import bazaar.file_names
import bazaar.models.uploads
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("bazaar", "0005_placeholders_reserved_and_ends_unproven"),
    ]

    operations = [
        migrations.AlterField(
            model_name="upload",
            name="file",
            field=models.FileField(
                max_length=255,
                upload_to=bazaar.models.uploads.random_name,
                validators=[bazaar.file_names.validate_name],
            ),
        ),
        migrations.AddIndex(
            model_name="upload",
            index=models.Index(
                condition=models.Q(("file__is_irregular", True)), fields=["id"], name="upload_irregular_name"
            ),
        ),
        migrations.RunSQL(
            "CREATE INDEX IF NOT EXISTS bazaar_admin_log_object ON django_admin_log (content_type_id, object_id)",
            "DROP INDEX IF EXISTS bazaar_admin_log_object",
        ),
    ]

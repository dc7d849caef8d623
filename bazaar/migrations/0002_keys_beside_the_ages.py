"""Tables that are cleared by age have the primary key beside the age in the index; files lose an index for prefixes.

Building the indexes keeps writers of these tables waiting: about a second for a million rows.
"""

import bazaar.models.uploads
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bazaar', '0001_community'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='auditlog',
            name='audit_log_created_at',
        ),
        migrations.RemoveIndex(
            model_name='auditlog',
            name='audit_log_never_examined',
        ),
        migrations.RemoveIndex(
            model_name='invitation',
            name='invitation_pending_created_at',
        ),
        migrations.RemoveIndex(
            model_name='loginattempt',
            name='login_attempt_created_at',
        ),
        migrations.RemoveIndex(
            model_name='notification',
            name='notification_created_at',
        ),
        migrations.AlterField(
            model_name='magiclinktoken',
            name='expires_at',
            field=models.DateTimeField(),
        ),
        migrations.AlterField(
            model_name='pushtoken',
            name='last_used_at',
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AlterField(
            model_name='refreshtoken',
            name='expires_at',
            field=models.DateTimeField(),
        ),
        migrations.AlterField(
            model_name='upload',
            name='file',
            field=models.FileField(max_length=255, upload_to=bazaar.models.uploads.random_name),
        ),
        migrations.AddIndex(
            model_name='upload',
            index=models.Index(fields=['file'], name='upload_file'),
        ),
        migrations.AddIndex(
            model_name='auditlog',
            index=models.Index(fields=['created_at', 'id'], name='audit_log_created_at'),
        ),
        migrations.AddIndex(
            model_name='auditlog',
            index=models.Index(condition=models.Q(('cleaned_version', 0)), fields=['created_at', 'id'], name='audit_log_never_examined'),
        ),
        migrations.AddIndex(
            model_name='invitation',
            index=models.Index(condition=models.Q(('accepted_at', None), ('declined_at', None)), fields=['created_at', 'id'], name='invitation_pending_created_at'),
        ),
        migrations.AddIndex(
            model_name='loginattempt',
            index=models.Index(fields=['created_at', 'id'], name='login_attempt_created_at'),
        ),
        migrations.AddIndex(
            model_name='magiclinktoken',
            index=models.Index(fields=['expires_at', 'id'], name='magic_link_expires_at'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(fields=['created_at', 'id'], name='notification_created_at'),
        ),
        migrations.AddIndex(
            model_name='pushtoken',
            index=models.Index(fields=['last_used_at', 'id'], name='push_token_last_used_at'),
        ),
        migrations.AddIndex(
            model_name='refreshtoken',
            index=models.Index(fields=['expires_at', 'id'], name='refresh_token_expires_at'),
        ),
    ]

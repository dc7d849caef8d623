"""Indexes: audit logs by the id of their resource first, whatever its type is called; accounts that can mention somebody.

Building them keeps writers of these tables waiting: about a second for a million rows.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bazaar', '0012_cleaning_rules_examine_logs'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='auditlog',
            name='audit_log_resource',
        ),
        migrations.RemoveIndex(
            model_name='user',
            name='user_updated_at',
        ),
        migrations.AddIndex(
            model_name='auditlog',
            index=models.Index(fields=['resource_id', 'resource_type'], name='audit_log_resource_id'),
        ),
        migrations.AddIndex(
            model_name='user',
            index=models.Index(condition=models.Q(('anonymized_at', None)), fields=['updated_at'], name='user_updated_at_unless_gone'),
        ),
    ]

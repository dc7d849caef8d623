"""Indexes of runs: the latest real runs of a job, and those with errors.

Building them keeps writers of the table waiting: about a second for a million rows.
"""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('maintenance', '0008_identity_of_processes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='jobrun',
            index=models.Index(condition=models.Q(('dry_run', False)), fields=['job', '-id'], name='run_job_latest_real'),
        ),
        migrations.AddIndex(
            model_name='jobrun',
            index=models.Index(condition=models.Q(('status__in', ['failed', 'crashed', 'partial'])), fields=['job', '-id'], name='run_with_errors'),
        ),
    ]

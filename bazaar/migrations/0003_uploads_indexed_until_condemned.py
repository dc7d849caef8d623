"""Uploads leave the indexes of their age and their file when they are condemned, so that this costs less to write.

Building the indexes keeps whoever uploads waiting: about a second for a million rows.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bazaar', '0002_keys_beside_the_ages'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='upload',
            name='upload_created_at',
        ),
        migrations.RemoveIndex(
            model_name='upload',
            name='upload_file',
        ),
        migrations.AddIndex(
            model_name='upload',
            index=models.Index(condition=models.Q(('condemned_at', None)), fields=['created_at', 'id'], name='upload_created_at'),
        ),
        migrations.AddIndex(
            model_name='upload',
            index=models.Index(condition=models.Q(('condemned_at', None)), fields=['file'], name='upload_file'),
        ),
    ]

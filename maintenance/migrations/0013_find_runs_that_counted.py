"""An index of the runs that counted what was due: the volume guard compares with the last of them.

Building it keeps writers of the table waiting: about a second for a million rows.
"""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('maintenance', '0012_pauses_with_an_end'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='jobrun',
            index=models.Index(condition=models.Q(('dry_run', False), ('items_due__isnull', False)), fields=['job', '-id'], name='run_counted_latest'),
        ),
    ]

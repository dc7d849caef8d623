"""A marker of uploads that something refers to, which triggers keep (`bazaar.triggers`), and that of those there are.

Marking locks the uploads in use until it is done: a few seconds for a hundred thousand.
"""

from django.db import migrations, models
from django.db.models import Q


def mark(apps, schema_editor):
    def used(name, field):
        rows = apps.get_model('bazaar', name).objects.using(schema_editor.connection.alias)
        return Q(pk__in=rows.filter(**{f'{field}__isnull': False}).values(field))

    uploads = apps.get_model('bazaar', 'Upload').objects.using(schema_editor.connection.alias)
    uploads.filter(used('User', 'avatar') | used('Project', 'image')).update(in_use=True)


class Migration(migrations.Migration):

    dependencies = [
        ('bazaar', '0013_find_resources_by_id'),
    ]

    operations = [
        migrations.AddField(
            model_name='upload',
            name='in_use',
            field=models.BooleanField(db_default=False, default=False, editable=False, help_text='Nobody has to look whether something refers to it. Triggers keep it; `False` says nothing.'),
        ),
        migrations.RunPython(mark, migrations.RunPython.noop),
    ]

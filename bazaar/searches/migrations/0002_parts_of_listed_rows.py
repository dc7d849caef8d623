"""A part of a search can be a list of rows."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("searches", "0001_searches_for_erasures"),
    ]

    operations = [
        migrations.AddField(
            model_name="erasuresearchpart",
            name="rows",
            field=models.JSONField(default=list, help_text="Keys of rows, where an index has told them."),
        ),
    ]

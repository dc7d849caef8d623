"""Rows that change after they were searched are marked, and those that are inserted are known by their keys."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("searches", "0003_logs_found_by_the_addresses_in_them"),
    ]

    operations = [
        migrations.AddField(
            model_name="erasuresearch",
            name="last_keys",
            field=models.JSONField(default=dict, help_text="By model; rows with higher keys are new."),
        ),
        migrations.CreateModel(
            name="ChangedRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("model", models.CharField(max_length=100)),
                ("row", models.CharField(max_length=64)),
            ],
            options={"verbose_name": "changed row", "verbose_name_plural": "changed rows"},
        ),
    ]

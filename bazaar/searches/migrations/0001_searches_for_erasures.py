"""The search for the next erasures is kept in rows, so that an interrupted one goes on where it stopped."""

import django.db.models.deletion
from django.db import migrations, models


def key():
    return ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


def belongs_to(model, name):
    return models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name=name, to=model)


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("bazaar", "0005_placeholders_reserved_and_ends_unproven"),
    ]

    operations = [
        migrations.CreateModel(
            name="ErasureSearch",
            fields=[
                key(),
                ("began_at", models.DateTimeField()),
                ("requests", models.JSONField(default=list, help_text="Ids of deletion requests.")),
            ],
            options={"verbose_name": "search for an erasure", "verbose_name_plural": "searches for an erasure"},
        ),
        migrations.CreateModel(
            name="ErasureSearchHit",
            fields=[
                key(),
                ("model", models.CharField(max_length=100)),
                ("row", models.CharField(max_length=64)),
                ("request", belongs_to("bazaar.deletionrequest", "+")),
                ("search", belongs_to("searches.erasuresearch", "hits")),
            ],
            options={"verbose_name": "row found by a search", "verbose_name_plural": "rows found by a search"},
        ),
        migrations.CreateModel(
            name="ErasureSearchPart",
            fields=[
                key(),
                ("model", models.CharField(max_length=100)),
                ("after", models.CharField(max_length=64, null=True)),
                ("last", models.CharField(max_length=64, null=True)),
                ("search", belongs_to("searches.erasuresearch", "parts")),
            ],
            options={"verbose_name": "part of a search", "verbose_name_plural": "parts of a search"},
        ),
    ]

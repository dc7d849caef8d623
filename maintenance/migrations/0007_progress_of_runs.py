from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("maintenance", "0006_plain_texts")]

    operations = [
        migrations.AddField(
            model_name="jobrun",
            name="progressed_at",
            field=models.DateTimeField(
                blank=True,
                help_text="Last progress, by the database's clock: a statement or a batch was done.",
                null=True,
            ),
        ),
    ]

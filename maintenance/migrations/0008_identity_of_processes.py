from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("maintenance", "0007_progress_of_runs")]

    operations = [
        migrations.AddField(
            model_name="jobrun",
            name="machine",
            field=models.CharField(blank=True, default="", help_text="Identity of the boot and the container.", max_length=100),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="jobrun",
            name="process_started",
            field=models.PositiveBigIntegerField(
                blank=True, help_text="Start of the process, because process ids are used again.", null=True
            ),
        ),
        migrations.AlterField(model_name="clusterheartbeat", name="host", field=models.CharField(max_length=255)),
        migrations.AddField(
            model_name="clusterheartbeat",
            name="machine",
            field=models.CharField(
                blank=True, default="", help_text="Identity of the boot and the container.", max_length=100
            ),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="clusterheartbeat",
            constraint=models.UniqueConstraint(fields=("host", "machine"), name="one_heartbeat_per_cluster"),
        ),
    ]

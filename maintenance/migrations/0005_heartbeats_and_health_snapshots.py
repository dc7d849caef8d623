from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Name two tables as the field does; their rows stay."""

    dependencies = [("maintenance", "0004_runs_can_end_out_of_time")]

    operations = [
        migrations.RenameModel("ClusterSign", "ClusterHeartbeat"),
        migrations.AlterModelOptions("clusterheartbeat", options={"verbose_name": "cluster heartbeat"}),
        migrations.RemoveConstraint("examination", "one_examination_at_most"),
        migrations.RenameModel("Examination", "HealthSnapshot"),
        migrations.AlterModelOptions("healthsnapshot", options={"verbose_name": "health snapshot"}),
        migrations.RenameField("healthsnapshot", "examined_at", "checked_at"),
        migrations.RenameField("healthsnapshot", "verdicts", "results"),
        migrations.AlterField(
            "healthsnapshot",
            "host",
            models.CharField(help_text="The machine whose cluster wrote it.", max_length=255),
        ),
        migrations.AddConstraint(
            "healthsnapshot", models.CheckConstraint(condition=Q(id=1), name="one_health_snapshot_at_most")
        ),
    ]

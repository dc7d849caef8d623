"""Pauses of one job beside that of all, and pauses with an end."""

from django.core.management.color import no_style
from django.db import migrations, models


def number_behind_what_is_there(apps, schema_editor):
    """The one pause had the number 1 by order, and PostgreSQL would give it to the next one again."""
    with schema_editor.connection.cursor() as cursor:
        for statement in schema_editor.connection.ops.sequence_reset_sql(no_style(), [apps.get_model("maintenance", "Pause")]):
            cursor.execute(statement)


def keep_that_of_all_jobs(apps, _schema_editor):
    """Before this migration there is one pause at most, of all jobs, with the key 1."""
    pauses = apps.get_model('maintenance', 'Pause').objects
    pauses.exclude(job='').delete()
    pauses.update(id=1)



class Migration(migrations.Migration):

    dependencies = [
        ('maintenance', '0011_alerts_and_their_outbox'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='pause',
            name='one_pause_at_most',
        ),
        migrations.AddField(
            model_name='pause',
            name='job',
            field=models.CharField(blank=True, help_text='Blank: all jobs.', max_length=100, unique=True),
        ),
        migrations.AddField(
            model_name='pause',
            name='until',
            field=models.DateTimeField(blank=True, help_text='Its end; none: until an operator resumes.', null=True),
        ),
        migrations.AlterField(
            model_name='pause',
            name='id',
            field=models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID'),
        ),
        migrations.RunPython(number_behind_what_is_there, keep_that_of_all_jobs),
    ]

"""Pauses of one job beside that of all, and pauses with an end."""

from django.db import migrations, models


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
        migrations.RunPython(migrations.RunPython.noop, keep_that_of_all_jobs),
    ]

"""Totals of runs by day. Runs that were deleted before have no day; the history is added by `cleanup-run-history`."""

import datetime

from django.conf import settings
from django.db import migrations, models
from django.db.models import Count, DurationField, ExpressionWrapper, F, Sum
from django.db.models.functions import Coalesce

NONE_YET = datetime.timedelta(0)


def keep_without_a_day(apps, _schema_editor):
    """Add the totals of runs that were deleted already: nobody knows their days."""
    daily = apps.get_model('maintenance', 'DailyTotal')
    for total in apps.get_model('maintenance', 'RunTotal').objects.all():
        daily.objects.create(
            job=total.job, status=total.status, runs=total.runs, items_done=total.items, duration=total.duration
        )


def take_back_what_is_in_the_history(apps, _schema_editor):
    """Take the runs out of the totals that the history still has: before this migration both are summed."""
    length = ExpressionWrapper(F('finished_at') - F('started_at'), output_field=DurationField())
    runs = apps.get_model('maintenance', 'JobRun').objects.filter(is_totalled=True).values('job', 'status')
    sums = runs.annotate(
        number=Count('pk'),
        items=Sum('items_done'),
        length=Coalesce(Sum(length), NONE_YET, output_field=DurationField()),
    )
    for row in sums:
        apps.get_model('maintenance', 'RunTotal').objects.filter(job=row['job'], status=row['status']).update(
            runs=F('runs') - row['number'], items=F('items') - row['items'], duration=F('duration') - row['length']
        )


class Migration(migrations.Migration):

    dependencies = [
        ('maintenance', '0009_find_latest_runs_and_errors'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DailyTotal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('job', models.CharField(max_length=100)),
                ('status', models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('succeeded', 'Succeeded'), ('out_of_time', 'Out of time'), ('partial', 'Partially failed'), ('failed', 'Failed'), ('cancelled', 'Cancelled'), ('interrupted', 'Interrupted'), ('crashed', 'Crashed'), ('skipped', 'Skipped'), ('missed', 'Missed')], max_length=12)),
                ('day', models.DateField(blank=True, null=True)),
                ('runs', models.PositiveBigIntegerField(default=0)),
                ('items_due', models.PositiveBigIntegerField(default=0)),
                ('items_done', models.PositiveBigIntegerField(default=0)),
                ('duration', models.DurationField(default=datetime.timedelta)),
                ('details', models.JSONField(blank=True, default=dict)),
            ],
            options={
                'verbose_name': 'daily total of runs',
                'verbose_name_plural': 'daily totals of runs',
            },
        ),
        migrations.AlterModelOptions(
            name='runtotal',
            options={'verbose_name': 'total of runs', 'verbose_name_plural': 'totals of runs'},
        ),
        migrations.AddField(
            model_name='jobrun',
            name='is_totalled',
            field=models.BooleanField(db_default=False, default=False, editable=False, help_text='The totals have its figures.'),
        ),
        migrations.AddIndex(
            model_name='jobrun',
            index=models.Index(condition=models.Q(('dry_run', False), ('is_totalled', False)), fields=['id'], name='run_not_totalled'),
        ),
        migrations.AddIndex(
            model_name='dailytotal',
            index=models.Index(fields=['day'], name='daily_total_day'),
        ),
        migrations.AddConstraint(
            model_name='dailytotal',
            constraint=models.UniqueConstraint(fields=('job', 'status', 'day'), name='one_total_per_job_status_and_day'),
        ),
        migrations.AddConstraint(
            model_name='dailytotal',
            constraint=models.UniqueConstraint(condition=models.Q(('day__isnull', True)), fields=('job', 'status'), name='one_total_without_a_day'),
        ),
        migrations.RunPython(keep_without_a_day, take_back_what_is_in_the_history),
    ]

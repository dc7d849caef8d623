# Texts of fields and verbose names only: no table changes.

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('maintenance', '0005_heartbeats_and_health_snapshots'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='jobrun',
            options={'ordering': ('-id',), 'permissions': [('run_job', 'Can run a job, also as a dry run'), ('cancel_run', 'Can cancel a run'), ('schedule_job', 'Can enable, disable, reschedule and pause jobs')], 'verbose_name': 'run'},
        ),
        migrations.AlterModelOptions(
            name='runtotal',
            options={'verbose_name': 'total of deleted runs', 'verbose_name_plural': 'totals of deleted runs'},
        ),
        migrations.AlterField(
            model_name='canary',
            name='echo',
            field=models.PositiveBigIntegerField(default=0, help_text='Number of the last canary that replied.'),
        ),
        migrations.AlterField(
            model_name='canary',
            name='number',
            field=models.PositiveBigIntegerField(default=0, help_text='Number of the last canary sent.'),
        ),
        migrations.AlterField(
            model_name='canary',
            name='queue_row',
            field=models.BigIntegerField(blank=True, help_text='Row of the last canary in the queue.', null=True),
        ),
        migrations.AlterField(
            model_name='canary',
            name='round_trip',
            field=models.DurationField(blank=True, help_text='Round trip of that canary.', null=True),
        ),
        migrations.AlterField(
            model_name='jobrun',
            name='backend_pid',
            field=models.PositiveIntegerField(blank=True, help_text='PostgreSQL process of the run; a take-over terminates it.', null=True),
        ),
        migrations.AlterField(
            model_name='jobrun',
            name='heartbeat_at',
            field=models.DateTimeField(blank=True, help_text="Last heartbeat, by the database's clock: the lease counts from here.", null=True),
        ),
        migrations.AlterField(
            model_name='jobrun',
            name='slot',
            field=models.DateTimeField(blank=True, help_text='The scheduled time of this run.', null=True),
        ),
        migrations.AlterField(
            model_name='jobrun',
            name='task_id',
            field=models.CharField(blank=True, help_text='ID of its task in the queue.', max_length=32),
        ),
    ]

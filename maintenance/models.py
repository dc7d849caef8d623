"""The models: runs, an operator's settings, a pause, and the heartbeats of queue and clusters."""

from datetime import timedelta
from typing import TypeAlias

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from maintenance.alert_models import AlertDelivery, Trouble  # noqa: F401 - Django finds the models here
from maintenance.core import states
from maintenance.total_models import DailyTotal, RunTotal  # noqa: F401 - and here


class JobRun(models.Model):
    """One execution of a job. Started and ended by `maintenance.engine.runner`, and nowhere else."""

    Trigger: TypeAlias = states.Trigger
    Status: TypeAlias = states.Status

    job = models.CharField(max_length=100)
    trigger = models.CharField(max_length=10, choices=states.Trigger)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    dry_run = models.BooleanField(default=False)
    status = models.CharField(max_length=12, choices=states.Status, default=states.Status.QUEUED)
    slot = models.DateTimeField(null=True, blank=True, help_text="The scheduled time of this run.")
    queued_at = models.DateTimeField(default=timezone.now)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    cancel_requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    task_id = models.CharField(max_length=32, blank=True, help_text="ID of its task in the queue.")
    backend_pid = models.PositiveIntegerField(
        null=True, blank=True, help_text="PostgreSQL process of the run; a take-over terminates it."
    )
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(
        null=True, blank=True, help_text="Last heartbeat, by the database's clock: the lease counts from here."
    )
    progressed_at = models.DateTimeField(
        null=True, blank=True, help_text="Last progress, by the database's clock: a statement or a batch was done."
    )
    finished_at = models.DateTimeField(null=True, blank=True)
    host = models.CharField(max_length=255, blank=True)
    pid = models.PositiveIntegerField(null=True, blank=True)
    machine = models.CharField(max_length=100, blank=True, help_text="Identity of the boot and the container.")
    process_started = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="Start of the process, because process ids are used again."
    )
    items_due = models.PositiveBigIntegerField(null=True, blank=True)
    items_done = models.PositiveBigIntegerField(default=0)
    message = models.TextField(blank=True)
    details = models.JSONField(default=dict, blank=True)
    error = models.JSONField(
        null=True, blank=True, help_text="Class, SQLSTATE, constraint and frames; never the exception's text."
    )
    is_totalled = models.BooleanField(
        default=False, db_default=False, editable=False, help_text="The totals have its figures."
    )

    class Meta:
        verbose_name = "run"
        ordering = ("-id",)
        permissions = [
            ("run_job", "Can run a job, also as a dry run"),
            ("cancel_run", "Can cancel a run"),
            ("schedule_job", "Can enable, disable, reschedule and pause jobs"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["job"], condition=Q(status="running", dry_run=False), name="one_running_run_per_job"
            ),
            models.UniqueConstraint(
                fields=["job", "dry_run"], condition=Q(status="queued"), name="one_queued_run_per_job_and_kind"
            ),
            models.UniqueConstraint(
                fields=["job", "slot"], condition=Q(slot__isnull=False), name="one_run_per_job_and_slot"
            ),
        ]
        indexes = [
            models.Index(fields=["job", "-id"], name="run_job_latest"),
            models.Index(fields=["job", "-id"], condition=Q(dry_run=False), name="run_job_latest_real"),
            models.Index(
                fields=["status", "job"], condition=Q(status__in=["queued", "running"]), name="run_unfinished"
            ),
            models.Index(fields=["queued_at"], name="run_queued_at"),
            models.Index(
                fields=["job", "-id"], condition=Q(status__in=["failed", "crashed", "partial"]), name="run_with_errors"
            ),
            models.Index(
                fields=["job", "-id"], condition=Q(dry_run=False, items_due__isnull=False), name="run_counted_latest"
            ),
            models.Index(fields=["id"], condition=Q(is_totalled=False, dry_run=False), name="run_not_totalled"),
        ]

    def __str__(self) -> str:
        return f"{self.job}#{self.pk}"

    @property
    def duration(self) -> timedelta | None:
        """The duration of the run; `None` where it has not both started and ended, zero where a clock was put back."""
        if self.started_at is None or self.finished_at is None:
            return None
        return max(timedelta(0), self.finished_at - self.started_at)


class JobSetting(models.Model):
    """The decisions of an operator about a job; without a row, the job's own definition holds."""

    job = models.CharField(max_length=100, unique=True)
    cron = models.CharField(max_length=100, blank=True, help_text="Instead of the job's own expression.")
    enabled = models.BooleanField(null=True, blank=True, help_text="Instead of the job's own default.")
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "job setting"

    def __str__(self) -> str:
        return f"setting of {self.job}"


class Pause(models.Model):
    """While it is active, no run of its job, or of any job, starts, and active ones stop at their next batch."""

    job = models.CharField(max_length=100, blank=True, unique=True, help_text="Blank: all jobs.")
    reason = models.CharField(max_length=200, blank=True)
    paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    paused_at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True, help_text="Its end; none: until an operator resumes.")

    class Meta:
        verbose_name = "pause"

    def __str__(self) -> str:
        return f"pause of {self.job or 'all jobs'}"


class Canary(models.Model):
    """The canary of the queue: a task that is sent every minute, and the time of its last reply. One row at most.

    It is in the database, because a cache may belong to one machine and loses entries. Its times are the database's.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    number = models.PositiveBigIntegerField(default=0, help_text="Number of the last canary sent.")
    sent_at = models.DateTimeField(null=True, blank=True)
    queue_row = models.BigIntegerField(null=True, blank=True, help_text="Row of the last canary in the queue.")
    echo = models.PositiveBigIntegerField(default=0, help_text="Number of the last canary that replied.")
    echoed_at = models.DateTimeField(null=True, blank=True)
    round_trip = models.DurationField(null=True, blank=True, help_text="Round trip of that canary.")

    class Meta:
        verbose_name = "canary"
        verbose_name_plural = "canaries"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_canary_at_most")]

    def __str__(self) -> str:
        return "canary of the queue"


class ClusterHeartbeat(models.Model):
    """The last heartbeat of one machine's cluster, and its number of workers."""

    host = models.CharField(max_length=255)
    machine = models.CharField(max_length=100, blank=True, help_text="Identity of the boot and the container.")
    workers = models.PositiveIntegerField()
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = "cluster heartbeat"
        constraints = [models.UniqueConstraint(fields=["host", "machine"], name="one_heartbeat_per_cluster")]

    def __str__(self) -> str:
        return f"cluster on {self.host}"


class HealthSnapshot(models.Model):
    """The latest results of the slow health checks, written by a cluster. It has one row at most.

    Pages read it (`maintenance.health.snapshot`). Times are by the database's clock.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    checked_at = models.DateTimeField()
    host = models.CharField(max_length=255, help_text="The machine whose cluster wrote it.")
    results = models.JSONField(default=list)
    compared_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="The time of the last comparison for alerts."
    )

    class Meta:
        verbose_name = "health snapshot"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_health_snapshot_at_most")]

    def __str__(self) -> str:
        return "health snapshot"

"""The models of the totals, which outlast the history of runs."""

from datetime import timedelta

from django.db import models
from django.db.models import Q

from maintenance.core import states


class RunTotal(models.Model):
    """The total of all runs that are marked as totalled, deleted ones included. Dry runs are not counted."""

    job = models.CharField(max_length=100)
    status = models.CharField(max_length=12, choices=states.Status)
    runs = models.PositiveBigIntegerField(default=0)
    items = models.PositiveBigIntegerField(default=0)
    duration = models.DurationField(default=timedelta)

    class Meta:
        verbose_name = "total of runs"
        verbose_name_plural = "totals of runs"
        constraints = [models.UniqueConstraint(fields=["job", "status"], name="one_total_per_job_and_status")]

    def __str__(self) -> str:
        return f"total of {self.job}, {self.status}"


class DailyTotal(models.Model):
    """The same total, by the UTC day on which the runs ended. Runs of an unknown day have none.

    `details` has the form of a run's: `counts`, `limits`, and `missed`.
    """

    job = models.CharField(max_length=100)
    status = models.CharField(max_length=12, choices=states.Status)
    day = models.DateField(null=True, blank=True)
    runs = models.PositiveBigIntegerField(default=0)
    items_due = models.PositiveBigIntegerField(default=0)
    items_done = models.PositiveBigIntegerField(default=0)
    duration = models.DurationField(default=timedelta)
    details = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = "daily total of runs"
        verbose_name_plural = "daily totals of runs"
        constraints = [
            models.UniqueConstraint(fields=["job", "status", "day"], name="one_total_per_job_status_and_day"),
            models.UniqueConstraint(
                fields=["job", "status"], condition=Q(day__isnull=True), name="one_total_without_a_day"
            ),
        ]
        indexes = [models.Index(fields=["day"], name="daily_total_day")]

    def __str__(self) -> str:
        return f"total of {self.job}, {self.status}, {self.day}"

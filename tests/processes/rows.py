"""Rows by the thousand, and what must be true of them and of the runs that they went in."""

from datetime import UTC, datetime
from typing import Any

from django.db import connection, models
from django.db.models import Sum

from bazaar.audit_trail import ACTION
from bazaar.models import AuditLog
from maintenance.api import Job, QuerySetJob
from maintenance.core import registry
from maintenance.core.clock import database_now
from maintenance.models import JobRun
from tests.factories import make

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)

Status = JobRun.Status


def retention_jobs() -> list[str]:
    """Return the names of the jobs that are a policy and a queryset, and nothing else."""
    return [job.name for job in registry.all_jobs() if isinstance(job, QuerySetJob) and job.retention]


def multiply(row: models.Model, count: int) -> None:
    """Copy a row so many times, in the database itself; unique texts get a number."""
    meta = row._meta
    fields = [field for field in meta.concrete_fields if not field.primary_key]
    names = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    values = ", ".join(
        f"original.{field.column} || '-' || {row.pk} || '-' || n.i" if field.unique else f"original.{field.column}"
        for field in fields
    )
    with connection.cursor() as cursor:
        if any(field.unique for field in fields):
            _shorten(row)
        cursor.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s) "
            f"INSERT INTO {meta.db_table} ({names}) SELECT {values} FROM {meta.db_table} original, n "
            "WHERE original.id = %s",
            [count, row.pk],
        )


def _shorten(row: models.Model) -> None:
    """Make room for the numbers in the unique texts."""
    for field in row._meta.concrete_fields:
        if field.unique and not field.primary_key:
            setattr(row, field.name, f"{str(getattr(row, field.name))[:20]}-{row.pk}")
    row.save()


def _done(data: dict[str, Any]) -> int:
    """Return what a run's details, or its audit entry, say that it did."""
    return data["counts"].get("deleted", 0) + data["counts"].get("changed", 0)


class Backlog:
    """What is due for a job, with neighbours that are not; and what must be true of its runs in the end."""

    def __init__(self, job: Job, due: int) -> None:
        self.job = job
        self.model = job.stages(database_now())[0].due.model
        self.made = 0
        self.add(due)
        self.young = [make(self.model).pk for _ in range(3)]

    def add(self, count: int) -> None:
        row = make(self.model, **{self.job.retention.field: LONG_AGO})
        multiply(row, count - 1)
        self.made += count

    def due(self) -> models.QuerySet:
        return self.job.stages(database_now())[0].due

    def left(self) -> int:
        return self.due().count()

    def gone(self) -> int:
        return self.made - self.left()

    def first(self) -> models.Model:
        return self.due().order_by("pk").first()

    def last(self) -> models.Model:
        return self.due().order_by("pk").last()

    def assert_exact(self) -> None:
        """Compare the runs' counts with what went, and the audit trail with the runs."""
        runs = JobRun.objects.filter(job=self.job.name)
        assert (runs.aggregate(done=Sum("items_done"))["done"] or 0) == self.gone()
        assert self.model.objects.filter(pk__in=self.young).count() == len(self.young)
        told = {str(run.pk): _done(run.details) for run in runs.filter(items_done__gt=0)}
        assert told == {str(run.pk): run.items_done for run in runs.filter(items_done__gt=0)}
        trail = AuditLog.objects.filter(action=ACTION).values_list("resource_id", "metadata")
        assert sorted((pk, _done(data)) for pk, data in trail) == sorted(told.items())

    def assert_finished(self) -> None:
        assert self.left() == 0
        assert not JobRun.objects.filter(status__in=[Status.RUNNING, Status.QUEUED]).exists()
        self.assert_exact()

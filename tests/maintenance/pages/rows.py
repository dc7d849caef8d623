"""Runs for the tests of pages, and their addresses."""

from datetime import UTC, datetime, timedelta

from django.urls import reverse

from maintenance.models import JobRun

Status = JobRun.Status
NAME = "cleanup-push-tokens"
FEWER_THAN = 22
"""Queries of a page. With an empty cache the first page has one for the rules of the cleaner, and one for holds."""


def run_page(run):
    return reverse("admin:maintenance_jobrun_change", args=[run.pk])


def make_run(status=Status.SUCCEEDED, **fields):
    at = fields.pop("at", datetime(2026, 5, 1, tzinfo=UTC))
    started = {} if status in {Status.QUEUED, Status.MISSED, Status.SKIPPED} else {"started_at": at}
    ended = {} if status in {Status.QUEUED, Status.RUNNING} else {"finished_at": at + timedelta(seconds=2)}
    values = {"job": NAME, "trigger": "schedule", "queued_at": at} | started | ended | fields
    return JobRun.objects.create(status=status, **values)

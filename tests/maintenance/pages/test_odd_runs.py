"""One odd run breaks no page: a clock that was put back, figures that do not fit, details of another form."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse

from maintenance.core import registry
from maintenance.health import metrics
from maintenance.models import JobRun
from tests.maintenance.pages.people import text_of
from tests.maintenance.pages.rows import NAME, make_run, run_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_cache", "cluster")]
Status = JobRun.Status
NOW = datetime(2026, 5, 1, tzinfo=UTC)
LONG = timedelta(days=3650)
PAGES = [
    reverse("admin:index"),
    reverse("admin:maintenance_jobs"),
    reverse("admin:maintenance_job", args=[NAME]),
    reverse("admin:maintenance_cluster"),
    reverse("admin:maintenance_retention"),
    reverse("admin:maintenance_jobrun_changelist"),
]
ODD = {
    "ends before it starts": {"started_at": NOW, "finished_at": NOW - LONG},
    "takes no time": {"started_at": NOW, "finished_at": NOW},
    "takes ten years": {"started_at": NOW, "finished_at": NOW + LONG},
    "starts before it was queued": {"queued_at": NOW, "started_at": NOW - LONG},
    "lies in the future": {"queued_at": NOW + 10 * LONG, "started_at": NOW + 10 * LONG, "finished_at": NOW + 10 * LONG},
    "did more than was due": {"items_due": 1, "items_done": 2**31 - 1},
    "had nothing due and did something": {"items_due": 0, "items_done": 7},
    "has a blank message": {"message": ""},
    "has details of another form": {"details": {"counts": {}, "errors": {}, "durations": "x", "brake": "y", "ids": 7}},
    "belongs to no job": {"job": "gone-job"},
}


@pytest.fixture
def odd_runs():
    """An odd run of each kind, as the latest of some job, after ordinary ones."""
    runs = []
    for job, fields in zip(registry.names(), ODD.values(), strict=False):
        for _ in range(3):
            make_run(job=job, items_due=5, items_done=5)
        states = (Status.CRASHED, Status.RUNNING, Status.SUCCEEDED)
        runs += [make_run(status, **{"job": job, **fields}) for status in states]
    return runs


def test_odd_runs_break_no_page(operator, odd_runs):
    assert {run.job for run in odd_runs} >= {*registry.names()[: len(ODD) - 1], "gone-job"}

    for address in (
        *PAGES,
        *{reverse("admin:maintenance_job", args=[run.job]) for run in odd_runs if run.job in registry.names()},
    ):
        assert text_of(operator, address)
    for run in odd_runs:
        assert str(run.pk) in text_of(operator, run_page(run))


@pytest.mark.usefixtures("odd_runs")
def test_odd_runs_break_no_command_and_no_metrics():
    for command in (["jobs"], ["jobs", "history", NAME], ["retention"]):
        for form in ([], ["--json"]):
            out = StringIO()
            call_command(*command, *form, stdout=out)
            assert out.getvalue()
    assert metrics.render()

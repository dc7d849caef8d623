"""The files of the runs: those that the list shows with the same address, and none without the permission."""

import csv
import json
from datetime import timedelta
from itertools import product

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from maintenance.core.states import FINISHED, Trigger
from maintenance.models import JobRun
from maintenance.pages.history import HistoryFilter
from tests.maintenance.pages.people import client_of, person, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_cache", "cluster")]

LIST = reverse("admin:maintenance_jobrun_changelist")
CSV, JSON = (reverse("admin:maintenance_runs_file", args=[kind]) for kind in ("csv", "json"))
JOBS = ("cleanup-push-tokens", "cleanup-invitations")


@pytest.fixture
def runs():
    now = timezone.now()
    for days, (job, status, trigger) in enumerate(product(JOBS, FINISHED, Trigger)):
        run = JobRun.objects.create(job=job, trigger=trigger, status=status, dry_run=days % 3 == 0)
        JobRun.objects.filter(pk=run.pk).update(queued_at=now - timedelta(days=days))
    return list(JobRun.objects.order_by("-pk"))


def body(answer):
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode()


def ids(client, address, query=None):
    """Return the runs of both files, which are the same."""
    rows = list(csv.DictReader(body(client.get(address, query or {})).splitlines()))
    documents = json.loads(body(client.get(address.replace("csv", "json"), query or {})))
    assert [int(row["run_id"]) for row in rows] == [document["run_id"] for document in documents]
    return [document["run_id"] for document in documents]


def test_the_file_has_all_runs_beyond_the_first_page(viewer, runs):
    assert len(runs) > 25
    assert ids(viewer, CSV) == [run.pk for run in runs]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"status__exact": "failed"}, lambda run: run.status == "failed"),
        ({"job": JOBS[0], "trigger__exact": "admin"}, lambda run: (run.job, run.trigger) == (JOBS[0], "admin")),
        ({"dry_run__exact": "1"}, lambda run: run.dry_run),
        ({"status__exact": "failed", "p": "9"}, lambda run: run.status == "failed"),
        ({"o": "1"}, lambda _run: True),
    ],
)
def test_the_file_has_what_the_filtered_list_has(viewer, runs, query, wanted):
    assert ids(viewer, CSV, query) == [run.pk for run in runs if wanted(run)]


@pytest.mark.parametrize("state", ["", "failed"])
@pytest.mark.parametrize("since", ["", "days"])
def test_the_file_of_a_job_has_what_its_filtered_history_has(viewer, runs, state, since):
    day = (timezone.now() - timedelta(days=20)).date().isoformat() if since else ""
    form = HistoryFilter({"state": state, "since": day, "until": day and timezone.now().date().isoformat()})
    shown = [run.pk for run in form.applied_to(JobRun.objects.filter(job=JOBS[0])).order_by("-pk")]

    assert shown
    assert ids(viewer, f"{CSV}?{form.export_query(JOBS[0])}") == shown


def test_the_pages_link_their_files(viewer, runs):
    assert f'href="{CSV}?status__exact=failed"' in text_of(viewer, f"{LIST}?status__exact=failed")
    page = text_of(viewer, reverse("admin:maintenance_job", args=[JOBS[0]]) + "?state=failed")
    assert f'href="{JSON}?job={JOBS[0]}&amp;status__exact=failed"' in page


def test_a_file_is_an_attachment_and_is_read_in_chunks(viewer, runs):
    with CaptureQueriesContext(connection) as captured:
        answer = viewer.get(CSV)
        assert answer.streaming
        body(answer)

    assert answer.headers["Content-Disposition"] == 'attachment; filename="runs.csv"'
    assert len(captured) < 12


def test_who_may_not_see_runs_gets_no_file(runs):
    for permissions in ((), ("run_job", "schedule_job")):
        assert client_of(person(*permissions)).get(CSV).status_code == 403
    assert Client().get(CSV).status_code == 302


def test_addresses_that_name_nothing_are_refused(viewer, runs):
    assert viewer.get(reverse("admin:maintenance_runs_file", args=["xml"])).status_code == 404
    assert viewer.post(CSV).status_code == 405
    assert viewer.get(CSV, {"message__regex": "(a+)+"}).status_code in {302, 400}
    assert viewer.get(CSV, {"q": "\x00"}).status_code == 400

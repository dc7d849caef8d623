"""What the pages say is true in every state: of the queue, of a pause, of a run that runs, and of an ended one."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from maintenance import tasks
from maintenance.engine.runner import run_now
from maintenance.models import Canary, ClusterHeartbeat, JobRun
from maintenance.reporting import cached_backlog
from maintenance.scheduling import controls
from maintenance.scheduling.run_requests import request_run
from tests.maintenance.pages.people import person, text_of
from tests.maintenance.pages.rows import NAME, Status, make_run, run_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_cache", "cluster")]

JOBS = reverse("admin:maintenance_jobs")
JOB = reverse("admin:maintenance_job", args=[NAME])
RETENTION = reverse("admin:maintenance_retention")


def test_a_running_run_waits_for_no_worker(viewer, monkeypatch):
    seen = []
    run, _ = request_run(NAME, by=person())
    assert "Waiting for a worker." in text_of(viewer, run_page(run))
    monkeypatch.setattr(
        "maintenance.engine.executor.Executor.execute",
        lambda _self: seen.append(JobRun.objects.get(pk=run.pk)) or 1 / 0,
    )

    tasks.run_queued(run.pk)

    assert [(row.status, row.message) for row in seen] == [(Status.RUNNING, "")]


def test_the_page_of_a_job_says_that_the_queue_does_not_work(viewer):
    run = make_run(Status.QUEUED)
    for page in (JOB, run_page(run)):
        assert "No cluster is running" not in text_of(viewer, page)

    ClusterHeartbeat.objects.update(seen_at=timezone.now() - timedelta(hours=1))

    for page in (JOB, run_page(run)):
        assert "No cluster is running" in text_of(viewer, page)
    assert "No cluster is running" not in text_of(viewer, run_page(make_run()))


def test_the_page_of_a_job_has_its_own_problems_and_no_others(viewer):
    make_run(Status.FAILED, message="The disk is full.")
    make_run(Status.FAILED, message="The sky is falling.", job="cleanup-invitations")
    Canary.objects.update(echoed_at=timezone.now())

    panel = text_of(viewer, JOB).split('id="problems"')[1].split('id="pause"')[0]

    assert "The disk is full." in panel
    assert "The sky is falling." not in panel


def test_while_all_jobs_are_paused_nothing_can_be_started_and_nothing_is_next(operator):
    plan = JobRun.objects.get(pk=run_now(NAME, dry_run=True).run_id)
    pages = (JOBS, JOB, RETENTION, run_page(plan))
    buttons = re.compile(r'(?:formaction|href)="[^"]+/jobs/[^"]+/(?:run|dry-run|confirm)/')
    for page in (JOBS, JOB, run_page(plan)):
        assert buttons.search(text_of(operator, page)), page

    controls.pause()

    for page in pages:
        assert not buttons.search(text_of(operator, page)), page
    for page in (JOBS, JOB, RETENTION):
        assert "none: all jobs are paused" in text_of(operator, page)


def test_a_run_that_succeeded_has_left_nothing(viewer):
    run = make_run(items_due=3_313, items_done=2_956)

    page = text_of(viewer, run_page(run))

    assert "2,956 items; 3,313 were counted at the start, and 357 of them were no longer due" in page
    assert 'value="100"' in page
    assert "2,956 / 3,313" not in text_of(viewer, JOB)
    assert "2,956 of 3,313" not in text_of(viewer, JOB)


def test_a_run_that_failed_has_what_it_did_of_what_was_due(viewer):
    make_run(Status.FAILED, items_due=3_313, items_done=2_956)

    assert "2,956 / 3,313" in text_of(viewer, JOB)


def test_the_answer_to_a_request_is_true_when_the_run_has_ended(operator, tokens):
    tokens(1)
    response = operator.post(reverse("admin:maintenance_run", args=[NAME]))
    run = JobRun.objects.get()
    tasks.run_queued(run.pk)

    page = text_of(operator, response.url)

    assert f'<li class="info">Run {run.pk} was requested.</li>' in page
    assert "Succeeded" in page
    assert "is queued" not in page


def test_the_number_due_is_counted_after_the_last_run(viewer, tokens):
    tokens(3)
    assert cached_backlog.of_jobs(timezone.now()).of(NAME) == 3
    assert ">3</td>" in text_of(viewer, JOBS)

    run_now(NAME)

    row = re.search(rf'<tr id="job-{NAME}" .*?</tr>', text_of(viewer, JOBS), flags=re.DOTALL)[0]
    assert '<td class="mb-number mb-due">0</td>' in row
    assert re.search(r"<dd>0 <span", text_of(viewer, JOB))


def test_limits_name_their_data(viewer):
    page = text_of(viewer, RETENTION)

    for name in ("push tokens", "login attempts", "notifications"):
        assert re.search(rf'<th scope="row">\d+ (?:days|years?): [^<]*{name}', page), name


def test_remaining_time_is_told_by_the_present_rate(viewer):
    for seconds in (2, 10):
        at = datetime(2026, 5, 1, tzinfo=UTC)
        make_run(items_done=100, finished_at=at + timedelta(seconds=seconds))
    young = make_run(Status.RUNNING, items_done=50, items_due=1_050, at=timezone.now())
    old = make_run(
        Status.RUNNING, items_done=500, items_due=1_000, at=timezone.now() - timedelta(seconds=100), dry_run=True
    )

    assert "20 s to 1 min 40 s, estimated from past runs" in text_of(viewer, run_page(young))
    assert re.search(r"1 min 4\d s, at the present rate", text_of(viewer, run_page(old)))

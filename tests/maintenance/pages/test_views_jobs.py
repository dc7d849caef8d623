"""The list of jobs: their states, their bars, and the health summary."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from maintenance.core import registry
from maintenance.core.states import FAILURES, Status
from maintenance.health import snapshot
from maintenance.models import Canary, ClusterHeartbeat, HealthSnapshot, JobSetting
from maintenance.pages import charts, runs
from maintenance.reporting.status import get_job_status
from maintenance.scheduling import controls, schedules
from maintenance.templatetags.maintenance_pages import sentence
from tests.maintenance.pages.people import client_of, person, text_of
from tests.maintenance.pages.rows import NAME, make_run, run_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_cache", "cluster")]


JOBS = reverse("admin:maintenance_jobs")
JOB = reverse("admin:maintenance_job", args=[NAME])


def test_the_page_of_a_job_has_its_description_and_schedule(viewer):
    for job in registry.all_jobs():
        page = text_of(viewer, reverse("admin:maintenance_job", args=[job.name]))
        assert job.description.partition("'")[0] in page
        assert f"<code>{job.schedule}</code>" in page
    assert f"All {len(registry.all_jobs())} jobs are healthy." in text_of(viewer, JOBS)


def test_the_first_page_of_the_admin_begins_with_the_jobs(viewer):
    page = text_of(viewer, reverse("admin:index"))

    assert "jobs are healthy" in page
    assert page.index(JOBS) < page.index("content-main")
    assert "jobs are healthy" not in text_of(client_of(person("view_upload")), reverse("admin:index"))


def test_the_next_run_has_its_time_and_distance(viewer):
    upcoming = get_job_status(NAME).next_run

    page = text_of(viewer, JOB)

    assert re.search(rf'<time datetime="{upcoming:%Y-%m-%dT%H:%M:%SZ}">{upcoming:%Y-%m-%d %H:%M} UTC</time>', page)
    assert re.search(r"\(in \d+ (d|h|min|s)\)", page)


@pytest.mark.parametrize("status", Status)
def test_every_state_has_its_label_icon_and_shape(viewer, status):
    run = make_run(status)

    page = text_of(viewer, run_page(run))

    assert str(status.label) in page
    assert len({str(state.label) for state in Status}) == len({state.mark.icon for state in Status}) == len(Status)
    assert len({str(charts.shape(state, 18, 30)) for state in Status}) == len(Status)
    drawn = re.search(rf'<a href="{run_page(run)}" transform.*?</a>', text_of(viewer, JOB), flags=re.DOTALL)[0]
    assert f"Run {run.pk}: {status.label}" in drawn
    assert "<path" in drawn


def test_missing_runs_are_placeholders(viewer):
    make_run()
    drawn = re.search(r'<svg class="mb-bars"[^>]*"durations-title.*?</svg>', text_of(viewer, JOB), re.DOTALL)[0]

    assert re.search(r'class="mb-none" d="(.*?)"', drawn)[1].count("M") == 59
    assert "<title" in drawn
    assert "<desc" in drawn


def test_the_bars_are_of_the_last_real_runs_of_each_job():
    made = [make_run(job=job) for job in (NAME, "other") for _ in range(3)]
    make_run(dry_run=True)

    latest = runs.latest([NAME, "other", "third"], 2)

    assert latest == {NAME: made[1:3], "other": made[4:6]}
    assert runs.latest([], 2) == {}


@pytest.mark.parametrize("status", FAILURES)
def test_a_failed_job_is_in_the_summary(viewer, status):
    run = make_run(status)

    page = text_of(viewer, JOBS)

    assert f"1 of {len(registry.all_jobs())} jobs needs attention." in page
    told = f'<a href="{JOB}">{NAME}</a> {status.label.lower()} (<a href="{run_page(run)}">run {run.pk}</a>).'
    assert told in page


def test_a_broken_schedule_is_in_the_summary(viewer):
    JobSetting.objects.create(job=NAME, cron="0 0 31 2 *")

    page = text_of(viewer, JOBS)

    assert "jobs needs attention" in page
    assert "none: its schedule is broken" in page
    assert sentence(get_job_status(NAME).problem) in text_of(viewer, JOB)


def test_a_pause_is_in_the_summary(viewer):
    controls.pause(reason="upgrade")

    page = text_of(viewer, JOBS)

    assert "All jobs are paused since" in page
    assert "upgrade" in page


def test_a_stuck_queue_is_in_the_summary(viewer):
    long_ago = timezone.now() - timedelta(hours=1)
    Canary.objects.update(echoed_at=long_ago, sent_at=long_ago)
    assert "The queue is stuck" in text_of(viewer, JOBS)

    for job in ("one", "two", "three"):
        make_run(Status.RUNNING, job=job, heartbeat_at=timezone.now())
    assert "The queue is stuck" not in text_of(viewer, JOBS)

    ClusterHeartbeat.objects.update(seen_at=long_ago)
    page = text_of(viewer, JOBS)
    assert "No cluster is running" in page
    assert "Start the cluster; its log says why it ended." in page


def test_late_schedules_and_waiting_runs_are_in_the_summary(viewer):
    schedules.ours().filter(name=NAME).update(next_run=timezone.now() - timedelta(minutes=10))
    make_run(Status.QUEUED, task_id="x", at=timezone.now() - timedelta(hours=1))

    page = text_of(viewer, JOBS)

    assert f'<a href="{JOB}">{NAME}</a> was due to start 10 min ago, and has not started.' in page
    assert "has waited for a worker since" in page


def test_a_disabled_job_is_healthy(viewer):
    controls.disable(NAME)

    page = text_of(viewer, JOBS)

    assert "jobs are healthy. 1 is disabled." in page
    assert "none: its schedule is disabled" in page


def test_due_items_are_cached_with_their_age(viewer, tokens):
    tokens(3)
    counted = re.compile(r'<dd>(\d+) <span class="mb-quiet">\(90 days; counted <time')

    assert counted.findall(text_of(viewer, JOB)) == ["3"]
    tokens(1)
    assert counted.findall(text_of(viewer, JOB)) == ["3"]
    cache.clear()
    assert counted.findall(text_of(viewer, JOB)) == ["4"]


def test_an_invalid_age_limit_is_shown(viewer, settings):
    settings.PUSH_TOKEN_RETENTION_DAYS = 0
    HealthSnapshot.objects.all().delete()
    snapshot.keep()

    assert "PUSH_TOKEN_RETENTION_DAYS cannot be used" in text_of(viewer, JOBS)
    assert "cannot be used" in text_of(viewer, JOB)

"""The operator's pages, without a browser: what they show, to whom, and what a look costs."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from maintenance.core import registry
from maintenance.core.states import FAILURES
from maintenance.engine.runner import run_now
from maintenance.health import snapshot
from maintenance.models import Canary, ClusterHeartbeat, JobRun, JobSetting
from maintenance.pages import charts, runs
from maintenance.reporting.status import get_job_status
from maintenance.scheduling import controls, schedules
from maintenance.templatetags.maintenance_pages import with_code
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
Status = JobRun.Status

NAME = "cleanup-push-tokens"
JOBS = reverse("admin:maintenance_jobs")
JOB = reverse("admin:maintenance_job", args=[NAME])
FEWER_THAN = 20
"""Queries of a page."""


@pytest.fixture(autouse=True)
def _fresh(settings, tmp_path):
    settings.STATIC_ROOT = str(tmp_path)  # whitenoise warns where there is none
    cache.clear()


@pytest.fixture(autouse=True)
def cluster():
    """A cluster that is up, whose canary came back, and that has examined what pages do not."""
    ClusterHeartbeat.objects.create(host="host", workers=3, seen_at=timezone.now())
    Canary.objects.create(number=1, echo=1, sent_at=timezone.now(), echoed_at=timezone.now())
    schedules.synchronise()
    snapshot.keep()


def person(*permissions):
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def viewer():
    return client_of(person("view_jobrun"))


@pytest.fixture
def operator():
    return client_of(person("view_jobrun", "run_job", "cancel_run", "schedule_job"))


def text_of(client, address):
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def run_page(run):
    return reverse("admin:maintenance_jobrun_change", args=[run.pk])


def make_run(status=Status.SUCCEEDED, **fields):
    at = fields.pop("at", datetime(2026, 5, 1, tzinfo=UTC))
    started = {} if status in {Status.QUEUED, Status.MISSED, Status.SKIPPED} else {"started_at": at}
    ended = {} if status in {Status.QUEUED, Status.RUNNING} else {"finished_at": at + timedelta(seconds=2)}
    values = {"job": NAME, "trigger": "schedule", "queued_at": at} | started | ended | fields
    return JobRun.objects.create(status=status, **values)


def test_the_list_shows_every_job(viewer):
    page = text_of(viewer, JOBS)

    for job in registry.all_jobs():
        assert reverse("admin:maintenance_job", args=[job.name]) in page
        assert job.description.partition("'")[0] in page
        assert f"<code>{job.schedule}</code>" in page
    assert f"All {len(registry.all_jobs())} jobs are healthy." in page


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
    drawn = re.search(rf'<a href="{run_page(run)}" aria-label.*?</a>', text_of(viewer, JOBS), flags=re.DOTALL)[0]
    assert f"Run {run.pk}: {status.label}" in drawn
    assert "<path" in drawn


def test_missing_runs_are_placeholders(viewer):
    make_run()
    drawn = re.search(rf'<svg class="mb-bars"[^>]*"bars-{NAME}-title.*?</svg>', text_of(viewer, JOBS), re.DOTALL)[0]

    assert drawn.count("mb-none") == 29
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
    assert f'<a href="{JOB}">{NAME}</a> {status.label.lower()} (run {run.pk}).' in page


def test_a_broken_schedule_is_in_the_summary(viewer):
    JobSetting.objects.create(job=NAME, cron="0 0 31 2 *")

    page = text_of(viewer, JOBS)

    assert "jobs needs attention" in page
    assert with_code(get_job_status(NAME).problem) in page
    assert "none: its schedule is broken" in page


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
    assert "Start <code>manage.py cluster</code>" in page


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

    assert "PUSH_TOKEN_RETENTION_DAYS cannot be used" in text_of(viewer, JOBS)
    assert "cannot be used" in text_of(viewer, JOB)


def test_a_broken_job_has_a_page(viewer, monkeypatch):
    monkeypatch.setattr(registry, "_broken", {"broken-job": "ImportError"})

    assert "It cannot be loaded (ImportError)" in text_of(viewer, JOBS)
    assert "It cannot be loaded (ImportError)" in text_of(viewer, reverse("admin:maintenance_job", args=["broken-job"]))


def test_a_job_shows_its_definition(viewer):
    page = text_of(viewer, JOB)

    assert "push tokens (bazaar.PushToken)" in page
    assert "PUSH_TOKEN_RETENTION_DAYS" in page
    assert "manage.py cleanup_push_tokens --dry-run" in page


def test_the_history_is_filtered_by_state_trigger_and_date(viewer):
    early = make_run(Status.FAILED, at=datetime(2026, 3, 1, tzinfo=UTC))
    late = make_run(at=datetime(2026, 3, 31, 23, 59, tzinfo=UTC), trigger="command")

    def listed(query):
        page = text_of(viewer, f"{JOB}?{query}").split('id="history"')[1]
        return [run for run in (early, late) if run_page(run) in page]

    assert listed("") == [early, late]
    assert listed("state=failed") == [early]
    assert listed("trigger=command") == [late]
    assert listed("since=2026-03-02") == [late]
    assert listed("since=2026-03-01&until=2026-03-01") == [early]
    assert listed("until=2026-03-31") == [early, late]
    assert listed("state=nonsense&since=yesterday") == [early, late]


def test_the_history_has_pages_that_keep_the_filter(viewer):
    for _ in range(60):
        make_run(Status.FAILED)

    page = text_of(viewer, f"{JOB}?state=failed&page=2")

    assert "Page 2 of 3, 60 runs" in page
    assert "?state=failed&amp;page=3#history-heading" in page
    assert "Page 3 of 3" in text_of(viewer, f"{JOB}?page=99")


def test_failures_are_grouped_by_error(viewer):
    error = {"error": "django.db.utils.IntegrityError", "sqlstate": "23505", "constraint": "one", "frames": []}
    make_run(Status.FAILED, error=error, at=datetime(2026, 1, 2, tzinfo=UTC))
    last = make_run(Status.FAILED, error=error, at=datetime(2026, 2, 3, tzinfo=UTC))
    make_run(Status.CRASHED)
    make_run(Status.PARTIAL, details={"errors": [{"id": 7, "error": "OperationalError 55P03"}]})

    groups = {group.error: group for group in viewer.get(JOB).context["failures"]}

    assert set(groups) == {"IntegrityError 23505 one", "", "OperationalError 55P03"}
    same = groups["IntegrityError 23505 one"]
    assert (same.count, same.last_run) == (2, last.pk)
    assert (same.first.day, same.last.day) == (2, 3)
    assert "OperationalError 55P03" in text_of(viewer, JOB)


def test_a_run_shows_its_details(viewer, tokens):
    tokens(3)
    result = run_now(NAME)
    before = make_run(at=datetime(2026, 6, 1, tzinfo=UTC))

    page = text_of(viewer, reverse("admin:maintenance_jobrun_change", args=[result.run_id]))

    assert result.message in page
    assert "3 of 3 items, 100%" in page
    assert "Command line" in page
    assert ">Deleted</th><td>3</td>" in page
    assert run_page(before) in page


def test_stack_traces_need_the_permission_to_run_jobs(viewer, operator):
    frames = [{"file": "maintenance/work.py", "line": 12, "function": "perform"}]
    run = make_run(Status.FAILED, error={"error": "ValueError", "sqlstate": None, "constraint": None, "frames": frames})

    assert "maintenance/work.py:12" in text_of(operator, run_page(run))
    page = text_of(viewer, run_page(run))
    assert "maintenance/work.py" not in page
    assert "ValueError" in page


def test_remaining_time_is_a_range_of_past_runs(viewer):
    for seconds in (2, 10):
        at = datetime(2026, 5, 1, tzinfo=UTC)
        make_run(items_done=100, finished_at=at + timedelta(seconds=seconds))
    run = make_run(Status.RUNNING, items_done=50, items_due=1050)

    page = text_of(viewer, run_page(run))

    assert "50 of 1,050 items, 4%" in page
    # 50 and 10 items a second; its own rate, which long ago began to be slow, widens the range
    assert re.search(r"20 s to \d+ h \d+ min, estimated from past runs", page)


def test_a_run_that_does_not_respond_says_so(viewer):
    run = make_run(Status.RUNNING, heartbeat_at=datetime(2026, 5, 1, tzinfo=UTC))

    assert "has not responded" in text_of(viewer, run_page(run))


def test_unknown_runs_are_not_found(viewer):
    for address in ("jobs/nope/", "999999/change/", "nonsense/change/", "²/change/"):
        assert viewer.get(f"/admin/maintenance/jobrun/{address}").status_code == 404


def test_pages_need_staff_and_permission():
    run = make_run()
    nobody = client_of(person())
    for address in (JOBS, JOB, run_page(run)):
        assert nobody.get(address).status_code == 403
        assert Client().get(address).status_code == 302
        assert client_of(UserFactory()).get(address).status_code == 302


def test_the_list_of_all_runs_is_read_only(operator):
    run = make_run()

    page = text_of(operator, reverse("admin:maintenance_jobrun_changelist"))

    assert run_page(run) in page
    assert operator.get(reverse("admin:maintenance_jobrun_add")).status_code == 403
    assert operator.post(reverse("admin:maintenance_jobrun_delete", args=[run.pk])).status_code == 403


@pytest.mark.parametrize("address", ["success", "failure", "ormq"])
def test_pickled_rows_of_the_queue_have_no_page(address):
    client = client_of(UserFactory(is_staff=True, is_superuser=True))
    assert client.get(f"/admin/django_q/{address}/").status_code == 404


def test_no_page_has_inline_script_or_style(operator):
    run = make_run(Status.RUNNING, heartbeat_at=datetime(2026, 5, 1, tzinfo=UTC))
    for address in (JOBS, JOB, run_page(run), reverse("admin:index")):
        page = text_of(operator, address)
        ours = page[page.index('class="mb') : page.index('id="footer"')]
        assert not re.search(r"\sstyle=|<style|\son\w+=|<script(?![^>]*src)", ours)


def test_pages_take_few_queries(operator, tokens, scratch_job):
    tokens(1)
    run = make_run(Status.RUNNING, items_due=5)

    def queries(address):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            text_of(operator, address)
        return len(captured)

    def all_pages():
        cache.clear()
        return [queries(JOBS), queries(JOBS), queries(JOB), queries(run_page(run)), queries(reverse("admin:index"))]

    first = all_pages()
    for job in registry.all_jobs():
        JobRun.objects.bulk_create(
            JobRun(job=job.name, trigger="schedule", status=status, details={"errors": [{"id": 1, "error": "x"}]})
            for status in (Status.SUCCEEDED, Status.FAILED, Status.PARTIAL, Status.CRASHED)
            for _ in range(25)
        )
    scratch_job()
    assert all_pages() == first
    assert max(first) < FEWER_THAN

"""The operator's pages, without a browser: what they show, to whom, and what a look costs."""

import re
from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from maintenance.core import registry
from maintenance.engine.runner import run_now
from maintenance.models import JobRun
from tests.factories import UserFactory
from tests.maintenance.pages.people import client_of, person, text_of
from tests.maintenance.pages.rows import FEWER_THAN, NAME, make_run, run_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_cache", "cluster")]
Status = JobRun.Status

JOBS = reverse("admin:maintenance_jobs")
JOB = reverse("admin:maintenance_job", args=[NAME])


def test_a_broken_job_has_a_page(viewer, monkeypatch):
    monkeypatch.setattr(registry, "_broken", {"broken-job": "ImportError"})

    assert "broken-job</a> cannot be loaded (ImportError)" in text_of(viewer, JOBS)
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
        with CaptureQueriesContext(connection) as captured:
            text_of(operator, address)
        return len(captured)

    def all_pages():
        cache.clear()
        return [queries(JOBS), queries(JOBS), queries(JOB), queries(run_page(run)), queries(reverse("admin:index"))]

    text_of(operator, JOBS)  # and the session notes when it was used
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

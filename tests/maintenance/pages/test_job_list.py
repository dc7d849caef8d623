"""The list of jobs: a row for each, in the order of their states, and its filters."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from maintenance.core import registry
from maintenance.core.states import JobState, Status
from maintenance.health.check_result import CheckResult
from maintenance.models import JobRun
from maintenance.pages.job_list import ListFilter, rows_of
from maintenance.reporting.cached_backlog import CachedBacklog
from maintenance.reporting.status import JobStatus
from maintenance.scheduling import controls
from tests.maintenance.pages.people import text_of
from tests.maintenance.pages.rows import NAME, make_run, run_page

JOBS = reverse("admin:maintenance_jobs")
AT = datetime(2026, 6, 1, tzinfo=UTC)
ERROR = CheckResult.error("job-failed", "It failed.", "Fix it.", "a")
WARNING = CheckResult.warning("job-out-of-time", "It ran out of time.", "Raise it.", "a")


def job(name="a", *, enabled=True):
    return JobStatus(name, f"Delete what is {name}.", "0 0 * * *", "", enabled, False, None, None, None)


def rows(jobs, results=(), unfinished=()):
    return rows_of(jobs, results, unfinished, {}, CachedBacklog(AT, {}))


def listed(page):
    return re.findall(r'<tr id="job-([a-z-]+)" ', page)


@pytest.mark.parametrize(
    ("enabled", "results", "active", "state"),
    [
        (True, [], [], JobState.HEALTHY),
        (False, [], [], JobState.DISABLED),
        (True, [], [Status.QUEUED], JobState.QUEUED),
        (False, [], [Status.QUEUED, Status.RUNNING], JobState.RUNNING),
        (True, [WARNING], [Status.RUNNING], JobState.WARNING),
        (True, [WARNING, ERROR, WARNING], [Status.RUNNING], JobState.ERROR),
        (False, [ERROR], [], JobState.ERROR),
        (True, [CheckResult.error("queue-stuck", "The queue is stuck.", "Restart.")], [], JobState.HEALTHY),
    ],
)
def test_a_job_has_one_state(enabled, results, active, state):
    unfinished = [JobRun(job="a", status=status) for status in active]

    [row] = rows([job(enabled=enabled)], results, [*unfinished, JobRun(job="b", status=Status.RUNNING)])

    assert row.state == state
    assert row.active == unfinished


def test_jobs_with_problems_come_first_and_the_others_keep_their_order():
    jobs = [job("healthy-1"), job("off", enabled=False), job("healthy-2"), job("on"), job("waits"), job("a")]
    unfinished = [JobRun(job="on", status=Status.RUNNING), JobRun(job="waits", status=Status.QUEUED)]

    ordered = rows([*jobs, job("b")], [ERROR, CheckResult.warning("job-finding", "Odd.", "Look.", "b")], unfinished)

    assert [row.status.name for row in ordered] == ["a", "b", "on", "waits", "off", "healthy-1", "healthy-2"]
    assert list(dict.fromkeys(row.state for row in ordered)) == list(JobState)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["karma", "cleanup-a"]),
        ({"q": "cleanup"}, ["cleanup-a"]),
        ({"q": "  DELETE Karma "}, ["karma"]),
        ({"q": "nothing"}, []),
        ({"q": "x" * 201}, ["karma", "cleanup-a"]),
        ({"state": "healthy"}, ["cleanup-a"]),
        ({"state": "disabled"}, ["karma"]),
        ({"state": "nonsense"}, ["karma", "cleanup-a"]),
        ({"state": "disabled", "q": "cleanup"}, []),
    ],
)
def test_the_list_is_filtered_by_words_and_state(query, names):
    form = ListFilter(query)
    found = rows([job("cleanup-a"), job("karma", enabled=False)])

    assert [row.status.name for row in found if form.has_words(row) and form.is_in_state(row)] == names


@pytest.mark.django_db
@pytest.mark.usefixtures("empty_cache", "cluster")
class TestPage:
    def test_every_job_has_a_row(self, viewer):
        assert sorted(listed(text_of(viewer, JOBS))) == sorted(registry.names())

    def test_the_filters_count_the_jobs_and_stay_in_the_address(self, viewer):
        controls.disable(NAME)
        total = len(registry.names())

        page = text_of(viewer, f"{JOBS}?q=cleanup")
        found = len([name for name in registry.names() if "cleanup" in name])

        assert 0 < found < total
        assert f'?q=cleanup" aria-current="true">All {found}</a>' in page
        assert '?q=cleanup&amp;state=disabled">Disabled 1</a>' in page
        assert 'value="cleanup"' in page
        page = text_of(viewer, f"{JOBS}?q=cleanup&state=disabled")
        assert listed(page) == [NAME]
        assert '<input type="hidden" name="state" value="disabled">' in page

    def test_a_list_without_jobs_says_so(self, viewer):
        page = text_of(viewer, f"{JOBS}?state=error")

        assert listed(page) == []
        assert "No job matches." in page
        assert 'aria-current="true">Error 0</a>' in page

    def test_words_of_the_address_are_escaped(self, viewer):
        page = text_of(viewer, f'{JOBS}?q="><script>')

        assert "<script>" not in page[page.index('class="mb ') :]
        assert "&quot;&gt;&lt;script&gt;" in page

    def test_a_row_has_the_last_run_and_the_active_ones(self, viewer):
        ended = make_run(Status.FAILED)
        running = make_run(Status.RUNNING, heartbeat_at=timezone.now() + timedelta(days=1), items_due=10, items_done=4)

        page = text_of(viewer, JOBS)
        row = re.search(rf'<tr id="job-{NAME}" .*?</tr>', page, flags=re.DOTALL)[0]

        assert listed(page)[0] == NAME
        assert run_page(ended) in row
        assert run_page(running) in row
        assert "4 / 10" in row
        assert re.search(r'aria-label="Last 2 runs: 1 Running, 1 Failed"', row)

    def test_a_row_is_small(self, operator):
        for _ in range(70):
            make_run()

        page = text_of(operator, JOBS)

        row = re.search(rf'<tr id="job-{NAME}" .*?</tr>', page, flags=re.DOTALL)[0]
        assert len(row) < 4_500
        assert page.count("csrfmiddlewaretoken") <= 4

    def test_a_paused_job_has_no_next_run(self, viewer):
        assert "none: all jobs are paused" not in text_of(viewer, JOBS)
        controls.pause()
        assert "none: all jobs are paused" in text_of(viewer, JOBS)

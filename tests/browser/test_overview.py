"""The first page and the cluster's page, with a real cluster: what runs, what was killed, and that it is well again."""

import re
from signal import SIGKILL

import psutil
import pytest
from django.urls import reverse
from playwright.sync_api import expect

from maintenance.models import JobRun
from maintenance.scheduling.run_requests import request_run
from tests.browser.conftest import person

pytestmark = [pytest.mark.process, pytest.mark.postgresql]  # a browser, a server and a cluster write at the same time
Status = JobRun.Status

NAME = "cleanup-push-tokens"
SLOWLY = {"MAINTENANCE_BATCH_PAUSE": "0.4"}
IN_TIME = 45_000
"""Milliseconds: a cluster starts its processes afresh, and examines again."""


@pytest.fixture
def busy(cluster, backlog, until):
    """A cluster is in the middle of a long run; return the run."""
    backlog(600)
    cluster(**SLOWLY)
    run, _ = request_run(NAME, by=person("run_job"))
    return until(lambda: JobRun.objects.filter(pk=run.pk, status=Status.RUNNING, items_done__gt=0).first())


def test_the_first_page_links_to_a_running_run(page, busy):
    page.goto(reverse("admin:index"))

    expect(page.locator("#running")).to_contain_text(re.compile(rf"Running\s+Run {busy.pk}, {NAME}, \d+ / 600"))
    page.locator("#running").get_by_role("link", name=f"Run {busy.pk}").click()
    expect(page.locator("#state-word")).to_have_text("Running")


def test_a_killed_worker_is_shown_and_recovers(page, busy, until):
    page.goto(reverse("admin:maintenance_cluster"))
    report = page.locator("#report")
    expect(report).to_contain_text("canary-back", timeout=IN_TIME)
    expect(report).not_to_contain_text("job-failed")
    page.evaluate("window.sameDocument = true")

    psutil.Process(busy.pid).send_signal(SIGKILL)

    told = f"The last run of {NAME} crashed (run {busy.pk})."
    expect(report.get_by_role("row").filter(has_text=told)).to_contain_text("Error", timeout=IN_TIME)
    expect(page.locator("#health")).to_contain_text(told)
    until(lambda: JobRun.objects.filter(trigger="recovery", status=Status.SUCCEEDED).exists(), 60)
    expect(page.locator("#health-sentence")).to_have_text(re.compile("jobs are healthy"), timeout=IN_TIME)
    expect(report).not_to_contain_text("Error")
    expect(page.locator("#clusters")).to_contain_text("up")
    assert page.evaluate("window.sameDocument")

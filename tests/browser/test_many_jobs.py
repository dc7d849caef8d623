"""200 jobs and 20,000 runs, at 1.6 Mbit/s: the list of jobs is usable, and an update of it is small."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from maintenance.core import registry
from maintenance.core.job import QuerySetJob
from maintenance.models import JobRun
from maintenance.scheduling import schedules
from tests.browser.scenes import let_the_queue_work

pytestmark = [pytest.mark.process, pytest.mark.postgresql]  # a browser and a server at the same time
Status = JobRun.Status

JOBS, RUNS = 200, 100
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 94_000}
"""Bytes in a second: 1.6 Mbit/s down, 0.75 up."""


class Idle(QuerySetJob):
    """Delete nothing."""

    schedule = "0 2 * * *"

    def __init__(self, name):
        self.name, self.description = name, "Delete nothing."
        super().__init__()

    def due(self, now):
        del now
        return JobRun.objects.none()

    def process(self, batch):
        raise NotImplementedError


@pytest.fixture
def names(_migrated):
    registry.load()
    more = [f"tidy-table-{number:03}" for number in range(JOBS - len(registry.names()))]
    for name in more:
        registry.register(Idle(name))
    schedules.synchronise()
    yield registry.names()
    for name in more:
        registry.unregister(name)


@pytest.fixture
def runs(names):
    now = timezone.now() - timedelta(hours=3)
    JobRun.objects.bulk_create(
        JobRun(
            job=name,
            trigger="schedule",
            status=Status.SUCCEEDED,
            queued_at=now - timedelta(days=day),
            started_at=now - timedelta(days=day),
            finished_at=now - timedelta(days=day) + timedelta(seconds=day),
            items_due=day * 10,
            items_done=day * 10,
        )
        for day in range(RUNS, 0, -1)
        for name in names
    )
    let_the_queue_work(timezone.now())
    return JobRun.objects.count()


def slowed(page):
    """Let the network of a page be slow; return the received bytes of its updates, as a list that grows."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW)
    updates, sizes = set(), []

    def note(event):
        if event["requestId"] in updates:
            sizes.append(event["encodedDataLength"])

    session.on("Network.requestWillBeSent", lambda event: event["type"] == "Fetch" and updates.add(event["requestId"]))
    session.on("Network.loadingFinished", note)
    return sizes


def test_the_list_of_200_jobs_is_updated_at_a_slow_network(page, jobs, names, runs, until):
    assert (len(names), runs) == (JOBS, JOBS * RUNS)
    run = JobRun.objects.create(
        job="tidy-table-150",
        trigger="schedule",
        status=Status.RUNNING,
        started_at=timezone.now(),
        heartbeat_at=timezone.now() + timedelta(hours=1),
        items_due=1_000,
    )
    sizes = slowed(page)
    page.goto(jobs)
    expect(page.locator("#rows tr")).to_have_count(JOBS)
    expect(page.locator("#rows tr").first).to_have_attribute("id", "job-tidy-table-150")

    for done in (100, 200):
        JobRun.objects.filter(pk=run.pk).update(items_done=done)
        expect(page.locator("#job-tidy-table-150")).to_contain_text(f"{done} / 1,000")
    moving = list(sizes)
    sizes.clear()
    until(lambda: page.wait_for_timeout(100) or len(sizes) > 2, 60)

    assert moving
    assert max(moving) < 20_000
    assert min(sizes) < 2_000
    expect(page.locator("#live-age")).to_contain_text("updated")
    expect(page.locator("#live-status")).to_have_text("")

    page.keyboard.press("/")
    page.keyboard.type("table-17")
    page.keyboard.press("Enter")
    expect(page.locator("#rows tr")).to_have_count(10)


def test_the_list_of_20_000_runs_is_usable(page, names, runs):
    slowed(page)
    page.goto(reverse("admin:maintenance_jobrun_changelist"))
    expect(page.locator("#result_list tbody tr")).to_have_count(25)
    page.get_by_role("link", name=f"{names[-1]}#").first.click()
    expect(page.locator("#state-word")).to_have_text("Succeeded")

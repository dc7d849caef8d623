"""Times are in UTC, with the viewer's own time beside them where it differs."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from maintenance.models import JobRun
from tests.browser.conftest import OPERATOR

pytestmark = [pytest.mark.process, pytest.mark.postgresql]  # a browser and a server at the same time

BESIDE = "element => getComputedStyle(element, '::after').content"


@pytest.fixture
def run():
    at = datetime(2026, 1, 31, 20, 30, tzinfo=UTC)
    run = JobRun.objects.create(job="cleanup-push-tokens", trigger="schedule")
    JobRun.objects.filter(pk=run.pk).update(queued_at=at)
    return run


@pytest.mark.parametrize(
    ("zone", "clock", "day"),
    [
        ("Asia/Kolkata", "02:00", "+1 d"),
        ("America/St_Johns", "17:00", ""),
        ("Pacific/Kiritimati", "10:30", "+1 d"),
        ("Etc/UTC", "", ""),
    ],
)
def test_the_viewers_own_time_stands_beside_utc(visit, run, zone, clock, day):
    page = visit(*OPERATOR, timezone_id=zone, locale="en-GB").new_page()
    page.goto(f"/admin/maintenance/jobrun/{run.pk}/change/")
    moment = page.locator("time", has_text="2026-01-31 20:30 UTC").first
    expect(moment).to_have_attribute("title", re.compile("2026"))

    beside = moment.get_attribute("data-local") or ""
    assert beside.startswith(clock)
    assert beside.endswith(day)
    assert (clock in moment.evaluate(BESIDE)) if clock else moment.evaluate(BESIDE) == "none"


def test_a_time_that_changes_keeps_the_viewers_time_true(visit, run):
    page = visit(*OPERATOR, timezone_id="Asia/Kolkata", locale="en-GB").new_page()
    page.goto(f"/admin/maintenance/jobrun/{run.pk}/change/")
    moment = page.locator("time", has_text="2026-01-31 20:30 UTC").first
    expect(moment).to_have_attribute("data-local", re.compile("^02:00"))

    JobRun.objects.filter(pk=run.pk).update(started_at=datetime(2026, 1, 31, 21, 15, tzinfo=UTC), status="running")

    expect(page.locator("time", has_text="21:15 UTC").first).to_have_attribute("data-local", re.compile("^02:45"))

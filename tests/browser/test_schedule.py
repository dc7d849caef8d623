"""Editing a schedule in a real browser; and the cluster fires at the new time, and at no other."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from maintenance.core import cron
from maintenance.core.clock import database_now
from maintenance.models import JobRun
from maintenance.reporting.status import get_job_status
from maintenance.scheduling import controls
from tests.browser.test_actions import NAME, press

pytestmark = [
    pytest.mark.process,
    pytest.mark.postgresql,  # a browser, a server and a cluster write at the same time
]
Status = JobRun.Status

OTHER = "cleanup-invitations"
LATE = re.compile(r"cron/\?cron=61")
TYPING = timedelta(seconds=15)
"""So long may filling in the form take."""


def edit(page, job, name):
    page.goto(job(name))
    page.get_by_role("link", name="Edit schedule").click()
    page.evaluate("window.sameDocument = true")
    return page.get_by_label("Cron expression")


def at(moment):
    return f"{moment.minute} {moment.hour} * * *"


def test_an_edited_schedule_fires(page, job, cluster, until):
    cluster()
    field, error = edit(page, job, NAME), page.locator("#cron-error")
    expect(page.locator("#cron-times li")).to_have_count(5)
    field.press("End")
    field.press_sequentially(" x")
    expect(error).to_contain_text("has 6 fields")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#cron-times li")).to_have_count(0)
    field.fill("61 4 * * *")
    expect(error).to_contain_text("is not a cron expression")
    field.fill("0 0 31 2 *")
    expect(error).to_contain_text("never comes")
    field.fill("*/5 30 4 * * *")
    expect(error).to_contain_text("has six fields")
    page.get_by_role("button", name="Use 30 4 * * *").click()
    expect(field).to_have_value("30 4 * * *")
    expect(field).to_be_focused()
    expect(error).to_be_empty()
    expect(field).not_to_have_attribute("aria-invalid", "true")
    expect(page.locator("#cron-sentence")).to_contain_text("At 04:30")
    assert page.evaluate("window.sameDocument")

    minute = (database_now() + TYPING).replace(second=0, microsecond=0) + timedelta(minutes=1)
    controls.set_cron(OTHER, at(minute))
    assert get_job_status(OTHER).next_run == minute
    move_away(page, job, minute)
    edit(page, job, NAME).fill(at(minute))
    expect(page.locator("#cron-times time").first).to_have_text(f"{minute:%Y-%m-%d %H:%M} UTC")
    press(page, "Save")
    expect(page.locator("#now")).to_contain_text(cron.describe(at(minute)))
    assert database_now() < minute, "in time"

    until(JobRun.objects.filter(job=NAME, slot=minute, status=Status.SUCCEEDED).exists, 100)

    assert JobRun.objects.get(job=NAME).trigger == "schedule"
    assert get_job_status(NAME).next_run == minute + timedelta(days=1)
    assert not JobRun.objects.filter(job=OTHER).exists(), "its time of before has passed"


def move_away(page, job, minute):
    """Let the other job, which would run at `minute`, run at another time."""
    edit(page, job, OTHER).fill(at(minute + timedelta(hours=12)))
    press(page, "Save")
    expect(page.locator("#now")).to_contain_text(cron.describe(at(minute + timedelta(hours=12))))


def test_a_schedule_is_disabled_on_its_page(page, job):
    edit(page, job, NAME)
    page.get_by_label("Enabled").uncheck()
    press(page, "Save")

    expect(page.locator("#now")).to_contain_text("none: its schedule is disabled")
    assert not get_job_status(NAME).enabled
    edit(page, job, NAME)
    expect(page.get_by_label("Enabled")).not_to_be_checked()


def test_a_late_answer_replaces_no_later_one(page, job):
    field = edit(page, job, NAME)
    held = []
    page.route(LATE, lambda route: held.append(route))  # noqa: PLW0108 - a bound method cannot be one
    with page.expect_request(LATE):
        field.fill("61 4 * * *")
    field.fill("15 4 * * *")
    expect(page.locator("#cron-sentence")).to_contain_text("At 04:15")

    with page.expect_response(LATE):
        held[0].continue_()

    page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
    expect(page.locator("#cron-error")).to_be_empty()
    expect(page.locator("#cron-sentence")).to_contain_text("At 04:15")


def test_a_lost_connection_is_shown_beside_the_field(page, job, complaints):
    complaints.expected.append("ERR_INTERNET_DISCONNECTED")
    field = edit(page, job, NAME)
    page.context.set_offline(True)
    field.fill("15 4 * * *")

    expect(page.locator("#cron-error")).to_contain_text("could not be checked")
    page.context.set_offline(False)
    field.fill("16 4 * * *")
    expect(page.locator("#cron-error")).to_be_empty()

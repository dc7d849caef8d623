"""Keyboard: shortcuts open pages and can be switched off, and a chart is one stop with arrow keys inside."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from maintenance.models import JobRun

pytestmark = [pytest.mark.process, pytest.mark.postgresql]  # a browser and a server at the same time

NAME = "cleanup-push-tokens"


@pytest.fixture
def three_runs():
    return [JobRun.objects.create(job=NAME, trigger="schedule", status="succeeded") for _ in range(3)]


def test_the_letters_of_each_tab_open_its_page(page, jobs):
    page.goto(jobs)
    tabs = {
        tab.get_attribute("data-key"): tab.get_attribute("href") for tab in page.locator(".mb-nav [data-key]").all()
    }
    assert len(tabs) >= 5

    for key, address in tabs.items():
        page.keyboard.press("g")
        page.keyboard.press(key)
        page.wait_for_url(f"**{address}")


def test_a_slash_searches_for_a_job_or_a_run(page, job, three_runs):
    page.goto(job(NAME))
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()

    page.keyboard.type(str(three_runs[1].pk))
    page.keyboard.press("Enter")

    page.wait_for_url(f"**{reverse('admin:maintenance_jobrun_change', args=[three_runs[1].pk])}#search")


def test_letters_that_are_typed_into_a_field_are_no_shortcuts(page, jobs):
    page.goto(jobs)
    page.locator("#search").click()

    page.keyboard.type("gc?/")

    expect(page.locator("#search")).to_have_value("gc?/")
    expect(page.locator("#keys")).to_be_hidden()


def test_the_shortcuts_are_listed_and_stay_off_when_they_are_switched_off(page, jobs):
    page.goto(jobs)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Keyboard shortcuts")
    page.locator("#keys-switch").uncheck()
    page.get_by_role("button", name="Close").click()
    page.reload()

    page.keyboard.press("g")
    page.keyboard.press("c")
    page.keyboard.press("?")

    expect(page.locator("#keys")).to_be_hidden()
    assert page.url.endswith(jobs)
    page.get_by_role("button", name="Keyboard").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_a_chart_is_one_stop_with_arrow_keys_inside(page, job, three_runs):
    page.goto(job(NAME))
    bars = page.locator("figure").first.locator("a")
    assert [bar.get_attribute("tabindex") for bar in bars.all()] == ["-1", "-1", None]

    bars.last.focus()
    page.keyboard.press("ArrowLeft")
    expect(bars.nth(1)).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(bars.nth(0)).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('svg') !== document.querySelector('.mb-bars')")
    page.keyboard.press("Shift+Tab")
    expect(bars.nth(0)).to_be_focused()
    page.keyboard.press("Enter")

    page.wait_for_url(f"**{reverse('admin:maintenance_jobrun_change', args=[three_runs[0].pk])}")

"""The page keeps itself up to date, and keeps out of the reader's way."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from maintenance.models import JobRun
from tests.browser.scenes import let_the_queue_work

pytestmark = [pytest.mark.process, pytest.mark.postgresql]  # a browser and a server at the same time
Status = JobRun.Status

NAME = "cleanup-push-tokens"
HIDE = """hidden => {
    Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
    document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def waiting():
    """A run that waits, so that the pages look often."""
    return JobRun.objects.create(job=NAME, trigger="schedule")


def updates(page):
    """Count the looks from now on."""
    seen = []
    page.on("request", lambda request: seen.append(request.url) if request.resource_type == "fetch" else None)
    return seen


def test_an_update_keeps_focus_selection_and_input(page, jobs, waiting):
    page.set_viewport_size({"width": 1280, "height": 400})
    page.goto(jobs)
    page.locator("#legend summary").click()
    page.locator("#pausing > summary").click()
    reason = page.get_by_label("Reason")
    reason.fill("an upgrade")
    reason.evaluate("element => element.setSelectionRange(3, 6)")
    page.evaluate("window.scrollTo(0, 120)")
    page.evaluate("window.reason = document.getElementById('pause-reason')")

    JobRun.objects.filter(pk=waiting.pk).update(status=Status.RUNNING, items_due=10, items_done=4)

    expect(page.locator(f"#job-{NAME}")).to_contain_text("4 / 10")
    assert page.evaluate("document.activeElement === window.reason && window.reason.isConnected")
    assert reason.evaluate("element => [element.value, element.selectionStart, element.selectionEnd]") == [
        "an upgrade",
        3,
        6,
    ]
    assert page.evaluate("window.scrollY") == 120
    assert page.locator("#legend").get_attribute("open") is not None


def test_unchanged_elements_are_not_touched(page, jobs, waiting):
    page.goto(jobs)
    page.evaluate(
        """name => {
            window.touched = [];
            new MutationObserver(all => window.touched.push(...all.map(one => one.target.id || one.target.nodeName)))
                .observe(document.getElementById(name), {childList: true, subtree: true});
        }""",
        "job-cleanup-invitations",
    )
    JobRun.objects.filter(pk=waiting.pk).update(status=Status.RUNNING, items_due=10, items_done=4)

    expect(page.locator(f"#job-{NAME}")).to_contain_text("4 / 10")
    assert page.evaluate("window.touched") == []


def test_a_row_that_moves_keeps_its_open_menu_and_the_focus(page, jobs):
    page.goto(jobs)
    last = page.locator("#rows tr").last
    name = last.get_attribute("id").removeprefix("job-")
    last.locator("summary").click()
    page.evaluate("id => { window.row = document.getElementById(id); }", f"job-{name}")

    JobRun.objects.create(job=name, trigger="schedule")
    page.get_by_role("switch").uncheck()
    page.get_by_role("switch").check()
    page.evaluate("window.row.querySelector('summary').focus()")

    expect(page.locator("#rows tr").first).to_have_attribute("id", f"job-{name}")
    assert page.evaluate("window.row.isConnected && window.row === document.querySelector('#rows tr')")
    assert page.evaluate("window.row.querySelector('details').open")
    assert page.evaluate("document.activeElement === window.row.querySelector('summary')")


def test_a_change_is_announced_once(page, waiting):
    page.goto(f"/admin/maintenance/jobrun/{waiting.pk}/change/")
    expect(page.locator("#live-status")).to_have_attribute("role", "status")
    expect(page.locator("#live-status")).to_have_text("")

    JobRun.objects.filter(pk=waiting.pk).update(status=Status.CANCELLED)

    expect(page.locator("#live-status")).to_have_text("Cancelled")
    expect(page.locator("#live-age")).to_have_text("updated 2 s ago")


def test_a_lost_connection_is_shown_until_it_is_restored(page, jobs, waiting, complaints):
    complaints.expected.append("ERR_INTERNET_DISCONNECTED")
    page.goto(jobs)

    page.context.set_offline(True)
    expect(page.locator("#live-age")).to_have_text("connection lost, retrying")
    expect(page.locator("#live-status")).to_have_text("connection lost, retrying")
    expect(page.locator("body.mb-stale .mb-health")).to_have_count(1)
    page.context.set_offline(False)
    expect(page.locator("#live-age")).to_contain_text("updated")
    expect(page.locator("#live-status")).to_have_text("connection restored")
    expect(page.locator("body.mb-stale")).to_have_count(0)


def test_updates_are_frequent_while_a_run_is_queued(page, jobs, waiting, until):
    page.goto(jobs)
    seen = updates(page)
    until(lambda: page.wait_for_timeout(100) or len(seen) > 1, 25)  # otherwise it is one in half a minute

    JobRun.objects.filter(pk=waiting.pk).update(status=Status.CANCELLED)
    expect(page.locator("#live-pace")).to_have_attribute("data-every", "30")
    seen.clear()
    page.wait_for_timeout(2_500)
    assert seen == []


def test_an_update_without_a_change_has_no_content(page, jobs, waiting, until):
    page.goto(jobs)
    answers = []
    page.on("response", lambda response: answers.append((response.status, response.url)))
    until(lambda: page.wait_for_timeout(100) or (204, page.url) in answers, 25)
    expect(page.locator("#live-age")).to_have_text(re.compile("updated [0-3] s ago"))

    JobRun.objects.filter(pk=waiting.pk).update(status=Status.RUNNING, items_due=10, items_done=4)

    expect(page.locator(f"#job-{NAME}")).to_contain_text("4 / 10")


def test_a_hidden_tab_and_the_switch_stop_updates(page, jobs, waiting):
    page.goto(jobs)
    page.evaluate(HIDE, True)
    seen = updates(page)
    page.wait_for_timeout(2_500)
    assert seen == []
    page.evaluate(HIDE, False)
    page.wait_for_timeout(300)
    assert len(seen) == 1

    page.get_by_role("switch").uncheck()
    expect(page.locator("#live-age")).to_have_text("automatic updates are off")
    seen.clear()
    page.wait_for_timeout(2_500)
    assert seen == []
    page.reload()
    expect(page.get_by_role("switch")).not_to_be_checked()
    page.get_by_role("switch").check()
    expect(page.locator("#live-age")).to_contain_text("updated")


def test_a_page_that_is_not_updated_any_more_gives_no_verdict(page, jobs):
    page.clock.install()
    page.goto(jobs)
    page.get_by_role("switch").uncheck()
    expect(page.locator("#live-age")).to_have_text("automatic updates are off")
    expect(page.locator("body.mb-stale")).to_have_count(0)
    verdict = page.locator("#health-sentence")
    colour = verdict.evaluate("element => getComputedStyle(element).color")

    page.clock.run_for(125_000)

    expect(page.locator("#live-age")).to_have_text("automatic updates are off; this page is 2 min old")
    expect(page.locator("body.mb-stale")).to_have_count(1)
    assert verdict.evaluate("element => getComputedStyle(element).color") != colour


def test_a_logged_out_user_is_informed(page, jobs, waiting):
    page.goto(jobs)

    page.context.clear_cookies()

    expect(page.locator("#live-age")).to_have_text("you are logged out: reload the page")


def test_everything_can_be_reached_by_keyboard(page, jobs):
    page.goto(jobs)
    reached = set()
    page.locator("#pausing > summary").click()
    page.locator(f"#job-{NAME} summary").focus()
    page.keyboard.press("Enter")
    page.locator("body").focus()
    for _ in range(160):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("(document.activeElement.textContent || document.activeElement.id).trim()"))
    assert {"Pause all jobs", f"Run now ({NAME})", f"Disable ({NAME})", NAME} <= reached

    page.locator(f"#job-{NAME}").get_by_role("link", name="Run now").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Run now").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#state-word")).to_have_text("Queued")


def test_title_and_icon_of_the_tab_change_with_the_health(page, jobs, waiting):
    page.goto(jobs)  # no cluster is up
    before = page.locator("#health-icon").get_attribute("href")
    assert page.title().startswith("Error: ")

    let_the_queue_work(timezone.now())

    expect(page.locator("#health-icon")).not_to_have_attribute("href", before)
    assert page.title().startswith("Jobs ")


def test_the_first_page_keeps_itself_up_to_date(page, waiting):
    page.goto(reverse("admin:index"))
    expect(page.locator("#running")).to_contain_text("Queued")

    JobRun.objects.filter(pk=waiting.pk).update(status=Status.RUNNING, items_due=10, items_done=4)

    expect(page.locator("#running")).to_contain_text("4 / 10")

"""A dry run and the run after it, the volume guard, and what is past its limit before and after: in a browser."""

import re

import pytest
from playwright.sync_api import expect

from bazaar.models import PushToken
from maintenance.engine import volume_guard
from maintenance.engine.runner import run_now as run
from maintenance.models import JobRun
from tests.browser.test_actions import NAME, card, open_menu, press, press_in_menu

pytestmark = [
    pytest.mark.process,
    pytest.mark.postgresql,  # a browser, a server and a cluster write at the same time
]
Status = JobRun.Status

FEW, MANY = 5, volume_guard.FLOOR + 200


@pytest.fixture
def far_more_than_usual(backlog):
    """So much that the volume guard stops a run."""
    backlog(FEW)
    assert run(NAME).success
    backlog(MANY)
    assert MANY > volume_guard.FACTOR * FEW


def row(page, label):
    cells = page.locator("#plan tbody tr").filter(has=page.get_by_role("rowheader", name=label, exact=True))
    return cells.locator("td")


def test_a_dry_run_is_followed_by_its_run(page, jobs, cluster, backlog):
    backlog(FEW)
    run(NAME)
    backlog(30)
    young = PushToken.objects.count() - 30
    cluster()
    page.goto(jobs)
    press_in_menu(page, "Dry run")
    expect(page.locator("#message")).to_have_text("Would delete 30 push tokens.")
    expect(row(page, "Due")).to_have_text(["30", f"{FEW}"])
    expect(page.locator("#unusual")).to_have_count(0)
    plan = JobRun.objects.get(dry_run=True)
    assert PushToken.objects.count() == young + 30

    press(page, "Run now")

    expect(page.locator("#state-word")).to_have_text("Succeeded")
    expect(row(page, "Due")).to_have_text(["30", "30"])
    expect(row(page, "Delete")).to_have_text(["30", "30"])
    expect(page.locator("#plan")).to_contain_text("requested on the page of the dry run")
    assert PushToken.objects.count() == young
    page.get_by_role("link", name=f"Plan: dry run {plan.pk}").click()
    expect(page.locator("#plan")).to_contain_text("followed this dry run")
    expect(page.get_by_role("button", name="Run now")).to_have_count(0)


def test_an_unusual_dry_run_is_confirmed_on_its_page(page, jobs, cluster, far_more_than_usual):
    cluster()
    page.goto(jobs)
    press_in_menu(page, "Dry run")
    expect(page.locator("#unusual")).to_contain_text(
        f"{MANY:,} items are due, and none of the last runs had more than {FEW}"
    )

    press(page, f"Run now, up to {MANY:,} items")

    expect(page.locator("#message")).to_have_text(f"Deleted {MANY:,} push tokens.")
    expect(row(page, "Due")).to_have_text([f"{MANY:,}", f"{MANY:,}"])
    expect(page.locator("#details")).to_contain_text("Confirmed limit")


def test_the_volume_guard_is_released_on_the_page_of_a_run(page, jobs, cluster, far_more_than_usual):
    before = PushToken.objects.count()
    cluster()
    stopped = run(NAME)
    page.goto(f"/admin/maintenance/jobrun/{stopped.run_id}/change/")
    expect(page.locator("#state-word")).to_have_text("Failed")
    expect(page.locator("#message")).to_contain_text(f"{MANY:,} are due, and none of the last {volume_guard.RUNS} runs")
    assert PushToken.objects.count() == before

    press(page, f"Run now, up to {MANY:,} items")

    expect(page.locator("#message")).to_have_text(f"Deleted {MANY:,} push tokens.")
    assert PushToken.objects.count() == before - MANY
    assert JobRun.objects.get(trigger="admin").status == Status.SUCCEEDED


def test_the_volume_guard_is_released_where_run_now_asks(page, jobs, cluster, far_more_than_usual):
    before = PushToken.objects.count()
    cluster()
    page.goto(jobs)
    open_menu(page)
    card(page).get_by_role("link", name=re.compile("^Run now")).click()
    expect(page.locator("#unusual")).to_contain_text(f"{MANY:,} items are due")

    press(page, f"Run now, up to {MANY:,} items")

    expect(page.locator("#message")).to_have_text(f"Deleted {MANY:,} push tokens.")
    assert PushToken.objects.count() == before - MANY


def tab(page, name):
    """Return a tab of our pages; the side bar has a link of the same name."""
    return page.get_by_role("navigation", name="Maintenance").get_by_role("link", name=name, exact=True)


def test_a_run_deletes_the_records_past_their_limit(page, jobs, cluster, backlog):
    backlog(40)
    cluster()
    page.goto(jobs)
    tab(page, "Retention").click()
    limit = card(page).locator(".mb-limits tbody td")
    expect(limit.first).to_have_text("40")
    expect(limit.nth(1)).to_have_text("2020-01-01 00:00 UTC")
    expect(card(page)).to_contain_text("never")
    expect(page.locator("#overdue-words")).to_have_text("40 records are past their limits.")

    card(page).get_by_role("link", name=NAME).click()
    page.locator("#now").get_by_role("link", name="Run now").click()
    press(page, "Run now")
    expect(page.locator("#state-word")).to_have_text("Succeeded")
    tab(page, "Retention").click()

    expect(limit.first).to_have_text("0")
    expect(limit.nth(1)).to_have_text("–")
    expect(card(page)).to_contain_text("40 of 40 due")
    expect(card(page).get_by_role("img", name="Last run: 1 Succeeded")).to_have_count(1)


def test_without_javascript_a_dry_run_can_be_followed(visit, jobs, backlog):
    backlog(3)
    run(NAME, dry_run=True)
    plan = JobRun.objects.get()
    page = visit("view_jobrun", "run_job", java_script_enabled=False).new_page()
    page.goto(f"/admin/maintenance/jobrun/{plan.pk}/change/")

    press(page, "Run now")

    expect(page.locator("#state-word")).to_have_text("Queued")
    expect(row(page, "Due")).to_have_text(["3", "–"])
    assert JobRun.objects.get(dry_run=False).details == {"plan": plan.pk}

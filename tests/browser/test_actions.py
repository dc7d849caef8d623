"""What an operator does with jobs, in a real browser, with a real cluster where something has to run."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from playwright.sync_api import expect

from bazaar.models import PushToken, Session, User
from maintenance.models import JobRun
from maintenance.reporting.status import get_job_status, get_pause
from maintenance.scheduling import schedules
from tests.factories import PASSWORD

pytestmark = [
    pytest.mark.process,
    pytest.mark.postgresql,  # a browser, a server and a cluster write at the same time
]
Status = JobRun.Status

NAME = "cleanup-push-tokens"
SLOWLY = {"MAINTENANCE_BATCH_PAUSE": "0.4"}


def card(page, name=NAME):
    return page.locator(f"#job-{name}")


def press(place, label):
    place.get_by_role("button", name=re.compile(rf"^{label}")).first.click()


def press_in_menu(page, label, name=NAME):
    """Press a button in the menu of a job in the list."""
    open_menu(page, name)
    press(card(page, name), label)


def run_now(page, name=NAME):
    """Let a job run that cannot be undone: its button in the list leads to a page that asks once."""
    open_menu(page, name)
    card(page, name).get_by_role("link", name=re.compile("^Run now")).click()
    press(page, "Run now")


def open_menu(page, name=NAME):
    card(page, name).locator(".mb-menu > summary").click()


def test_a_run_is_started_and_followed(page, jobs, cluster, backlog):
    backlog(200)
    cluster(**SLOWLY)
    page.goto("/admin/")
    page.get_by_role("navigation").get_by_role("link", name="Jobs", exact=True).click()

    run_now(page)

    page.evaluate("window.sameDocument = true")
    expect(page.locator("#progress-words")).to_contain_text(re.compile(r"[1-9]\d* of 200 items, \d+%"))
    expect(page.locator("#state-word")).to_have_text("Succeeded")
    expect(page.locator("#progress-words")).to_have_text("200 of 200 items, 100%")
    expect(page.locator("#message")).to_have_text("Deleted 200 push tokens.")
    expect(page.locator("#live-status")).to_have_text("Succeeded")
    assert page.evaluate("window.sameDocument")
    run = JobRun.objects.get(trigger="admin")
    assert (run.status, run.items_done, run.requested_by.is_staff) == (Status.SUCCEEDED, 200, True)
    assert LogEntry.objects.get().object_repr == str(run)
    page.goto(jobs)
    card(page).get_by_role("link", name=NAME).click()
    expect(page.locator("#now")).to_contain_text("200 items")


def test_a_dry_run_changes_nothing(page, jobs, cluster, backlog):
    backlog(30)
    before = PushToken.objects.count()
    cluster()
    page.goto(jobs)

    press_in_menu(page, "Dry run")

    expect(page.locator("#message")).to_have_text("Would delete 30 push tokens.")
    assert PushToken.objects.count() == before


def test_cancel_a_long_run(page, jobs, cluster, backlog):
    backlog(600)
    cluster(**SLOWLY)
    page.goto(jobs)
    run_now(page)
    expect(page.locator("#progress-words")).to_contain_text(re.compile(r"^[1-9]"))

    press(page, "Cancel this run")

    expect(page.locator("#state")).to_contain_text("Cancellation requested")
    expect(page.locator("#state-word")).to_have_text("Cancelled")
    expect(page.locator("#state")).to_contain_text(re.compile(r"Stopped after batch [1-9]"))
    expect(page.get_by_role("button", name="Cancel this run")).to_have_count(0)
    run = JobRun.objects.get(trigger="admin")
    assert run.status == Status.CANCELLED
    assert 0 < run.items_done < 600
    expect(page.locator("#state")).to_contain_text(f"Items committed before: {run.items_done}.")


def test_disable_and_enable(page, jobs):
    page.goto(jobs)

    press_in_menu(page, "Disable")
    expect(card(page)).to_contain_text("none: its schedule is disabled")
    assert not get_job_status(NAME).enabled

    press_in_menu(page, "Enable")
    expect(card(page)).to_contain_text("Healthy")
    assert get_job_status(NAME).next_run


def test_pause_and_resume_all_jobs(page, jobs, cluster, backlog):
    backlog(600)
    cluster(**SLOWLY)
    page.goto(jobs)
    run_now(page)
    expect(page.locator("#progress-words")).to_contain_text(re.compile(r"^[1-9]"))
    page.goto(jobs)

    page.locator("#pausing > summary").click()
    page.get_by_label("Reason").fill("an upgrade")
    press(page, "Pause all jobs")

    expect(page.locator("#health")).to_contain_text("All jobs are paused since")
    expect(page.locator("#pause")).to_contain_text("an upgrade")
    expect(card(page)).to_contain_text("Interrupted")
    press(page, "Resume")
    expect(page.locator("#health")).not_to_contain_text("paused")
    assert get_pause() is None


def test_a_broken_schedule_is_shown_and_corrected(page, jobs, job):
    schedules.ours().filter(name=NAME).update(cron="0 0 31 2 *")
    page.goto(jobs)
    expect(page.locator("#health")).to_contain_text(NAME)
    expect(card(page)).to_contain_text("none: its schedule is broken")

    open_menu(page)
    card(page).get_by_role("link", name="Edit schedule").click()
    page.get_by_label("Cron expression").fill("61 * * * *")
    press(page, "Save")
    expect(page.locator("#cron-error")).to_contain_text("is not a cron expression")
    page.get_by_label("Cron expression").fill("15 4 * * *")
    press(page, "Save")

    expect(page.locator("#now")).to_contain_text("At 04:15")
    assert get_job_status(NAME).problem == ""


def test_a_viewer_has_no_actions(visit, jobs, job, complaints):
    run = JobRun.objects.create(job=NAME, trigger="schedule")
    page = visit("view_jobrun").new_page()
    for address in (jobs, job(NAME), f"/admin/maintenance/jobrun/{run.pk}/change/"):
        page.goto(address)
        expect(page.locator("h1")).to_be_visible()
        expect(page.locator(".mb form[method=post]")).to_have_count(0)

    complaints.expected.append("403")
    token = page.locator("#logout-form input[name=csrfmiddlewaretoken]").input_value()
    for action in (f"jobs/{NAME}/run", f"jobs/{NAME}/disable", "jobs/pause", f"{run.pk}/cancel"):
        address = f"{page.url.split('/admin/')[0]}/admin/maintenance/jobrun/{action}/"
        answer = page.request.post(address, form={"csrfmiddlewaretoken": token}, headers={"Referer": page.url})
        assert answer.status == 403
    assert list(JobRun.objects.values_list("status", flat=True)) == [Status.QUEUED]
    assert get_job_status(NAME).enabled


def test_without_javascript_every_action_works(visit, jobs, job):
    page = visit("view_jobrun", "run_job", "cancel_run", "schedule_job", java_script_enabled=False).new_page()

    page.goto(jobs)
    expect(page.locator("#live")).to_be_hidden()
    run_now(page)
    expect(page.locator("#state-word")).to_have_text("Queued")
    press(page, "Cancel this run")
    expect(page.locator("#state-word")).to_have_text("Cancelled")
    page.goto(jobs)
    press_in_menu(page, "Dry run")
    expect(page.locator("#state")).to_contain_text("it changes nothing")
    page.goto(jobs)
    press_in_menu(page, "Disable")
    expect(card(page)).to_contain_text("none: its schedule is disabled")
    press_in_menu(page, "Enable")
    expect(card(page)).not_to_contain_text("none: its schedule is disabled")
    page.locator("#pausing > summary").click()
    press(page, "Pause all jobs")
    expect(page.locator("#health")).to_contain_text("paused")
    press(page, "Resume")
    expect(page.locator("#health")).not_to_contain_text("paused")
    page.goto(job(NAME))
    page.get_by_role("link", name="Edit schedule").click()
    page.get_by_label("Cron expression").fill("*/5 15 4 * * *")
    press(page, "Preview")
    expect(page.locator("#cron-error")).to_contain_text("has six fields")
    press(page, "Use 15 4")
    expect(page.locator("#cron-times li")).to_have_count(5)
    press(page, "Save")
    expect(page.locator("#now")).to_contain_text("At 04:15")
    page.get_by_label("State").select_option("cancelled")
    press(page, "Filter")
    expect(page.locator("#history tbody tr")).to_have_count(1)


@pytest.mark.parametrize("with_script", [True, False], ids=["with script", "without script"])
def test_a_double_click_starts_one_run(visit, jobs, with_script):
    page = visit("view_jobrun", "run_job", java_script_enabled=with_script).new_page()
    page.goto(reverse("admin:maintenance_confirm", args=[NAME]))

    page.get_by_role("button", name="Run now").dblclick()

    expect(page.locator("#state-word")).to_have_text("Queued")
    assert JobRun.objects.count() == 1


def test_two_tabs_share_one_run(visit):
    context = visit("view_jobrun", "run_job", "cancel_run")
    one, other = context.new_page(), context.new_page()
    for tab in (one, other):
        tab.goto(reverse("admin:maintenance_confirm", args=[NAME]))

    press(one, "Run now")
    press(other, "Run now")

    expect(one.locator("#state-word")).to_have_text("Queued")
    assert one.url == other.url
    press(one, "Cancel this run")
    expect(other.locator("#state-word")).to_have_text("Cancelled")
    assert JobRun.objects.count() == 1


def test_a_button_that_is_pressed_after_the_session_has_ended_is_not_lost(page, jobs):
    page.goto(jobs)
    Session.objects.all().delete()

    press_in_menu(page, "Disable")
    expect(page.locator(".errornote")).to_contain_text("nothing was done")
    page.locator("#id_username").fill(User.objects.get(is_staff=True).email)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()

    expect(page.locator(".messagelist")).to_contain_text("Press the button again")
    assert page.url.endswith(jobs)
    press_in_menu(page, "Disable")
    open_menu(page)
    expect(card(page).get_by_role("button", name="Enable")).to_be_visible()

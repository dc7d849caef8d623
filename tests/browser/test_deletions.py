"""Deletion requests in a real browser: entered, due, cancelled; and one that a real cluster carries out."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from bazaar.models import DeletionRequest, User
from maintenance.models import JobRun
from tests.browser.conftest import OPERATOR, PRIVACY
from tests.browser.more_scenes import choose
from tests.browser.test_actions import press, run_now
from tests.factories import LoginAttemptFactory, UserFactory

pytestmark = [
    pytest.mark.process,
    pytest.mark.postgresql,  # a browser, a server and a cluster write at the same time
]
Status = DeletionRequest.Status

USERS = reverse("admin:bazaar_user_changelist")
REQUESTS = reverse("admin:bazaar_deletionrequest_changelist")


@pytest.fixture
def page(visit):
    return visit(*OPERATOR, *PRIVACY).new_page()


def listed(page, request):
    page.goto(REQUESTS)
    return page.locator("#result_list tbody tr").filter(has=page.get_by_role("link", name=str(request.pk), exact=True))


def ask(page, person, action):
    page.goto(USERS)
    choose(page, action, [person])
    page.get_by_label("Came in").select_option("email")
    press(page, "Yes, request the deletion")
    expect(page.locator(".messagelist .success")).to_contain_text(f"user {person.pk} was requested")
    return DeletionRequest.objects.get(user=person)


def test_a_request_is_made_and_cancelled(page):
    person = UserFactory()
    request = ask(page, person, "Request deletion (anonymise)")
    expect(listed(page, request).locator(".field-due")).to_contain_text("due in 4")
    request.scheduled_for = timezone.now() + timedelta(days=3, minutes=5)
    request.save()
    expect(listed(page, request).locator(".field-due")).to_have_text("due in 3\u00a0days")

    listed(page, request).get_by_role("link", name=str(request.pk), exact=True).click()
    press(page, "Cancel this request")
    press(page, "Yes, cancel them")
    expect(page.get_by_label("Reason")).to_be_focused()  # the browser asks for one
    page.get_by_label("Reason").select_option("changed_mind")
    press(page, "Yes, cancel them")

    expect(page.locator(".messagelist .success")).to_contain_text(f"{request.pk} was cancelled; the account stays")
    expect(listed(page, request).locator(".field-status")).to_have_text("Cancelled")
    request.refresh_from_db()
    assert (request.status, request.cancel_reason) == (Status.CANCELLED, "changed_mind")
    person.refresh_from_db()
    assert person.deletion_requested_at is None
    assert person.email not in str(list(LogEntry.objects.values()))


def test_a_request_is_carried_out_with_evidence(page, jobs, cluster):
    person = UserFactory()
    LoginAttemptFactory.create_batch(3, user=person)
    request = ask(page, person, "Request full deletion")
    request.scheduled_for = timezone.now() - timedelta(days=1)
    request.save()
    expect(listed(page, request).locator(".field-due")).to_contain_text("overdue since")
    cluster()
    page.goto(jobs)

    run_now(page, "finalize-deletions")

    expect(page.locator("#state-word")).to_have_text("Succeeded")
    assert not User.objects.filter(pk=person.pk).exists()
    assert JobRun.objects.get().items_done == 1
    row = listed(page, request)
    expect(row.locator(".field-status")).to_have_text("Completed")
    row.get_by_role("link", name=str(request.pk), exact=True).click()
    evidence = page.locator(".evidence tr")
    expect(evidence.filter(has_text="Login attempts").locator("td")).to_have_text(["3", "0"])
    expect(evidence.filter(has_text="Public id of the person")).to_contain_text(str(person.public_id))
    expect(page.locator("body")).not_to_contain_text(person.email)


def test_the_inventory_is_filtered_without_script(visit):
    page = visit(*PRIVACY, java_script_enabled=False).new_page()
    page.goto(REQUESTS)
    page.get_by_role("link", name="Personal data inventory").click()

    page.get_by_label("Model").select_option("bazaar.PushToken")
    page.get_by_role("button", name="Filter").click()

    expect(page.locator(".inventory-model")).to_have_text(["bazaar.PushToken"])
    expect(page.get_by_label("Model")).to_have_value("bazaar.PushToken")

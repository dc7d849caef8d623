"""A button that is pressed after the session has ended."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from bazaar.models import Session
from maintenance.models import Pause
from tests.bazaar.logging_in import EMAIL, PASSWORD

pytestmark = pytest.mark.django_db
JOBS, PAUSE = reverse("admin:maintenance_jobs"), reverse("admin:maintenance_pause")
SITE = "http://testserver"
AGAIN = "Press the button again"


@pytest.fixture
def interrupted(client, operator):
    """Somebody whose session has ended since they opened the page."""
    client.force_login(operator)
    assert client.get(JOBS).status_code == 200
    Session.objects.all().delete()
    return client


def log_in_on(client, response):
    """Log in on the page to which a response leads, as the form does."""
    page = client.get(response.url)
    assert "nothing was done" in page.content.decode()
    fields = {"username": EMAIL, "password": PASSWORD, "next": page.context["next"]}
    return client.post(page.context["app_path"], fields)


def test_after_the_log_in_one_is_back_on_the_page_and_is_told(interrupted):
    sent = interrupted.post(PAUSE, {"reason": "Maintenance"}, headers={"Referer": f"{SITE}{JOBS}?q=1#top"})
    assert not Pause.objects.exists()

    back = log_in_on(interrupted, sent)

    assert back.url == f"{JOBS}?q=1"
    assert AGAIN in interrupted.get(back.url).content.decode()
    assert AGAIN not in interrupted.get(back.url).content.decode(), "said once"
    assert interrupted.post(PAUSE, {"reason": "Maintenance"}).status_code == 302
    assert Pause.objects.exists()


@pytest.mark.parametrize(
    "referrer", ["", "https://evil.example.com/", "//evil.example.com/", "javascript:alert(1)", "\x00", "http://["]
)
def test_a_referrer_of_elsewhere_leads_to_the_first_page(interrupted, referrer):
    sent = interrupted.post(PAUSE, headers={"Referer": referrer})

    assert parse_qs(urlsplit(sent.url).query)["next"] == [reverse("admin:index")]


def test_a_page_that_is_only_opened_is_asked_for_again_as_before(interrupted):
    sent = interrupted.get(JOBS)

    assert sent.url == f"{reverse('admin:login')}?next={JOBS}"
    assert AGAIN not in interrupted.get(sent.url).content.decode()


def test_somebody_without_access_is_not_told_that_they_were_logged_out(client, operator):
    operator.is_staff = False
    operator.save()
    client.force_login(operator)

    sent = client.post(PAUSE, headers={"Referer": f"{SITE}{JOBS}"})

    assert "interrupted" not in sent.url

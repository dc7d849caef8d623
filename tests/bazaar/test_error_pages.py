"""The pages of errors: in words, for a browser, and there when the database is not."""

import pytest
from django.core.exceptions import SuspiciousOperation
from django.db import IntegrityError, InterfaceError, OperationalError, connection
from django.test import Client
from django.urls import reverse

from bazaar.error_pages import PAGES, TOO_SLOW
from tests.bazaar.admin.pages import logged_in
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
BROWSER = {"Accept": "text/html,application/xhtml+xml"}
QUOTED = "Key (email)=(ann@example.org) already exists."


@pytest.fixture
def client():
    client = logged_in(UserFactory(is_staff=True))
    client.raise_request_exception = False
    return client


@pytest.fixture
def failing(client, monkeypatch):
    """Let the first page raise an error, and open it."""

    def fetch(error):
        def fail(*_args, **_kwargs):
            raise error

        monkeypatch.setattr("django.contrib.admin.sites.AdminSite._build_app_dict", fail)
        return client.get(reverse("admin:index"), headers=BROWSER)

    return fetch


def assert_page_of(status, response):
    page = response.content.decode()
    title, _sentence = PAGES[status]
    assert response.status_code == status
    assert f"<h1>{title}</h1>" in page
    assert response.headers["Content-Type"].startswith("text/html")
    assert "no-store" in response.headers["Cache-Control"]
    assert "default-src" in response.headers["Content-Security-Policy"]
    assert " style=" not in page
    assert "<script" not in page
    return page


def test_each_status_has_its_page(client):
    answers = {
        400: client.get(reverse("admin:index"), {"q": "\0"}),
        403: client.get(reverse("admin:maintenance_jobs")),
        404: client.get("/nowhere/"),
        405: client.get(reverse("admin:maintenance_pause"), headers=BROWSER),
    }

    for status, response in answers.items():
        assert_page_of(status, response)
    assert len({response.content for response in answers.values()}) == len(answers)
    assert answers[405].headers["Allow"]


def test_a_program_that_opens_the_address_of_a_button_gets_no_page(client):
    response = client.get(reverse("admin:maintenance_pause"), headers={"Accept": "application/json"})

    assert (response.status_code, response.content) == (405, b"")


@pytest.mark.parametrize("error", [RuntimeError(QUOTED), IntegrityError(QUOTED)])
def test_an_error_of_the_program_is_told_without_its_text(failing, error):
    assert "ann@" not in assert_page_of(500, failing(error))


@pytest.mark.parametrize("error", [OperationalError(QUOTED), InterfaceError(QUOTED)])
def test_a_database_that_is_away_is_told_as_that(failing, error):
    response = failing(error)

    assert "ann@" not in assert_page_of(503, response)
    assert int(response.headers["Retry-After"]) > 0


def test_no_page_of_an_error_needs_the_database(monkeypatch, settings):
    """Each connection is refused, with a session's cookie in hand: the session cannot even be read."""
    client = logged_in(UserFactory(is_staff=True))
    client.raise_request_exception = False

    def refuse(*_args):
        raise OperationalError(QUOTED)

    with monkeypatch.context() as patch:
        patch.setattr("django.db.backends.utils.CursorWrapper._execute", refuse)
        with pytest.raises(OperationalError), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        response = client.get(reverse("admin:index"), headers=BROWSER)

    assert_page_of(503, response)


def test_a_form_without_its_token_is_told_what_to_do():
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory(is_staff=True))

    page = assert_page_of(403, client.post(reverse("admin:maintenance_pause"), headers=BROWSER))

    assert "press the button again" in page


def test_a_page_that_took_too_long_says_so(client, monkeypatch):
    cancelled = OperationalError(QUOTED)
    monkeypatch.setattr("bazaar.middleware.record_of", lambda _error: {"sqlstate": "57014"})

    def fail(*_args, **_kwargs):
        raise cancelled

    monkeypatch.setattr("django.contrib.admin.sites.AdminSite._build_app_dict", fail)

    assert str(TOO_SLOW) in assert_page_of(503, client.get(reverse("admin:index"), headers=BROWSER))


def test_what_is_suspicious_cannot_be_read(failing):
    assert_page_of(400, failing(SuspiciousOperation(QUOTED)))

"""What a request may send, and how long its statements may take."""

from datetime import timedelta

import pytest
from django.db import DataError, OperationalError, connection
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from bazaar import middleware
from bazaar.error_pages import TOO_SLOW
from bazaar.middleware import RequestLimits
from bazaar.models import RefreshToken, Session, User
from tests.bazaar.admin.pages import logged_in
from tests.factories import RefreshTokenFactory, UserFactory

pytestmark = pytest.mark.django_db

NUL = "\x00"
LIMIT = "SELECT current_setting('statement_timeout')"


def fetch(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


@pytest.fixture
def client():
    client = logged_in(UserFactory(is_staff=True, is_superuser=True))
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("name", ["index", "login", "password_change", "autocomplete", "logout", "jsi18n"])
def test_a_nul_is_refused_on_every_page_wherever_it_stands(client, name):
    address = reverse(f"admin:{name}")

    assert client.get(address, {"q": NUL}).status_code == 400
    assert client.get(address, {NUL: "q"}).status_code == 400
    assert client.post(address, {"username": f"a{NUL}@example.org", "password": "x"}).status_code == 400
    assert client.get(f"{address}%00").status_code == 400
    client.cookies["sessionid"] = f"abcdefgh{NUL}ijkl"
    assert client.get(address).status_code == 400


@pytest.mark.postgresql  # SQLite has no such limit
def test_a_statement_of_a_request_has_a_limit_and_one_of_a_command_has_none(settings):
    settings.REQUEST_STATEMENT_SECONDS = 3
    seen = []

    def view(_request):
        seen.append(fetch(LIMIT))
        return HttpResponse()

    RequestLimits(view)(RequestFactory().get("/"))

    assert seen == ["3s"]
    assert fetch(LIMIT) == "0"


@pytest.mark.postgresql  # SQLite has no such limit
@pytest.mark.django_db(transaction=True)
def test_a_statement_that_takes_too_long_is_ended_and_told(settings, client, monkeypatch):
    settings.REQUEST_STATEMENT_SECONDS = 0.2
    monkeypatch.setattr(
        "bazaar.admin.users.UserAdmin.get_queryset", lambda _page, _request: fetch("SELECT pg_sleep(60)")
    )

    answer = client.get(reverse("admin:bazaar_user_changelist"))

    assert answer.status_code == 503
    assert str(TOO_SLOW) in answer.content.decode()
    assert fetch(LIMIT) == "0"


@pytest.mark.parametrize("error", [DataError("ann@example.org"), OverflowError("ann@example.org")])
def test_what_the_database_cannot_read_is_refused_without_being_quoted(client, monkeypatch, error, caplog):
    def fail(*_args):
        raise error

    monkeypatch.setattr("bazaar.admin.users.UserAdmin.get_queryset", fail)

    answer = client.post(reverse("admin:bazaar_user_add"), {"email": "x"})
    refused = middleware.RequestLimits(HttpResponse).process_exception(RequestFactory().get("/"), error)

    assert answer.status_code == 200
    assert refused.status_code == 400
    assert "ann@" not in caplog.text + refused.content.decode()


def test_another_error_of_the_database_is_an_error():
    limits = middleware.RequestLimits(HttpResponse)

    assert limits.process_exception(RequestFactory().get("/"), OperationalError("down")) is None
    assert limits.process_exception(RequestFactory().get("/"), ValueError()) is None


# Sessions of staff


@pytest.fixture
def staff():
    return UserFactory(is_staff=True, is_superuser=True)


def is_in(client, **headers):
    return client.get(reverse("admin:index"), headers=headers).status_code == 200


@pytest.fixture
def clock(time_machine):
    time_machine.move_to("2026-06-01T08:00:00Z", tick=False)
    return lambda **duration: time_machine.shift(timedelta(**duration))


def test_a_session_without_activity_ends(staff, clock, settings):
    client = logged_in(staff)
    for _ in range(3):
        clock(minutes=settings.STAFF_SESSION_IDLE_MINUTES)
        assert is_in(client)

    clock(minutes=settings.STAFF_SESSION_IDLE_MINUTES, seconds=1)

    assert not is_in(client)
    assert not Session.objects.filter(user=staff).exists()


def test_a_page_that_refreshes_itself_is_no_activity(staff, clock, settings):
    client = logged_in(staff)
    clock(minutes=settings.STAFF_SESSION_IDLE_MINUTES)
    assert is_in(client, **{"Sec-Fetch-Dest": "empty"})

    clock(seconds=1)

    assert not is_in(client)


def test_a_session_ends_after_a_time_whatever_happens(staff, clock, settings):
    client = logged_in(staff)
    for _ in range(settings.STAFF_SESSION_HOURS * 2):
        assert is_in(client)
        clock(minutes=30)
    assert is_in(client)

    clock(minutes=1)

    assert not is_in(client)


def test_a_session_of_an_earlier_version_begins_now(staff, clock, settings):
    client = logged_in(staff)
    session = client.session
    for name in (middleware.STARTED, middleware.SEEN):
        del session[name]
    session.save()
    clock(days=1)

    assert is_in(client)
    clock(hours=settings.STAFF_SESSION_HOURS, seconds=1)
    assert not is_in(client)


def test_a_session_is_not_written_by_each_request(staff, clock):
    client = logged_in(staff)
    before = Session.objects.values().get()
    assert is_in(client)

    clock(seconds=59)
    assert is_in(client)
    assert Session.objects.values().get() == before

    clock(seconds=1)
    assert is_in(client)
    assert Session.objects.values().get() != before


def test_old_cookies_of_an_account_that_is_activated_again_stay_dead(staff):
    client = logged_in(staff)
    other = logged_in(UserFactory(is_staff=True, is_superuser=True))
    token = RefreshTokenFactory(user=staff)
    assert is_in(client)

    for is_active in (False, True):
        User.objects.filter(pk=staff.pk).update(is_active=is_active)

    assert not is_in(client)
    assert not RefreshToken.objects.filter(pk=token.pk).exists()
    assert is_in(other)


def test_pages_send_a_policy_of_what_they_use(staff):
    policy = logged_in(staff).get(reverse("admin:index")).headers["Permissions-Policy"]

    assert "camera=()" in policy
    assert "geolocation=()" in policy
    assert "microphone=()" in policy
